import { createSigningKey, exportPrivateJwk } from "../../src/kinde/signing-key.ts";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The private JWK that tests share: making one takes 0.1 s and more. */
    readonly privateJwk: object;
    /** Another, for what must not verify. */
    readonly foreignPrivateJwk: object;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const [own, foreign] = await Promise.all([createSigningKey(), createSigningKey()]);
  project.provide("privateJwk", exportPrivateJwk(own));
  project.provide("foreignPrivateJwk", exportPrivateJwk(foreign));
}
