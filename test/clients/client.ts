/** A way in which people verify Kinde's webhooks, and what it makes of a token. */
import { readFileSync } from "node:fs";

export interface Client {
  readonly name: string;
  /** What has to be installed for it, with the versions that are. */
  readonly packages: readonly Package[];
  /** What a handler calls, in short. */
  readonly call: string;
  /** Where it asks for the JWKS; when it leaves the path to the handler, the one of its documentation or Kinde's. */
  readonly jwksPath: "/.well-known/jwks" | "/.well-known/jwks.json";
  /** How it refuses: what was changed after signing, and a key that the JWKS has not. */
  readonly refusals: { readonly badSignature: RegExp; readonly unknownKey: RegExp };
  /** A handler at its start. @param issuer as `KINDE_ISSUER_URL` has it */
  open(issuer: string): Verifier;
}

export interface Package {
  readonly name: string;
  /** `undefined` when it is not on this machine. */
  readonly version: string | undefined;
  /** Whether the lock file decides the version, and not the machine. */
  readonly isLocked: boolean;
}

export interface Verifier extends AsyncDisposable {
  verify(token: string): Promise<Verdict>;
}

/** The claims of a token that was accepted, or the client's own words for why not. */
export type Verdict = { readonly claims: unknown } | { readonly refused: string };

/** Packages of npm, with their versions. */
export function installed(...names: readonly string[]): Package[] {
  return names.map((name) => {
    const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")) as Package;
    return { name, version, isLocked: true };
  });
}

export function isInstalled(client: Client): boolean {
  return client.packages.every(({ version }) => version !== undefined);
}

/** A verifier out of what a handler does: it comes back with the claims, or throws. */
export function verifierOf(readClaims: (token: string) => Promise<unknown>): Verifier {
  return {
    verify: async (token) => {
      try {
        return { claims: await readClaims(token) };
      } catch (error) {
        const { code, name, message } = error as Error & { readonly code?: string };
        return { refused: `${code ?? name}: ${message}` };
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** What a client makes of tokens, one after the other. */
export async function verifyAll(verifier: Verifier, tokens: readonly string[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const token of tokens) verdicts.push(await verifier.verify(token));
  return verdicts;
}
