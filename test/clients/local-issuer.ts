import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import { startIssuer, type Issuer } from "../../src/issuer/server.ts";
import type { RotatableKeys } from "../../src/kinde/signing-keys.ts";
import { signingKeys } from "../helpers/keys.ts";

export interface LocalIssuer extends Issuer, AsyncDisposable {
  /** The path of each request so far. */
  readonly requests: readonly string[];
}

/** The local issuer with our signing key, or others, on a free port; closed at the end of the block. */
export async function openIssuer(keys: RotatableKeys = signingKeys): Promise<LocalIssuer> {
  const issuer = await startIssuer({
    port: 0,
    jwks: keys.jwks,
    control: { project: "project", token: "token", keys, history: createMemoryHistory() },
  });
  const requests: string[] = [];
  // What every server of this process hears, told by Node itself.
  const note = (message: unknown): void => {
    const { request } = message as { readonly request: IncomingMessage };
    if (request.socket.localPort === issuer.port) requests.push(request.url ?? "");
  };
  subscribe("http.server.request.start", note);
  return {
    ...issuer,
    requests,
    [Symbol.asyncDispose]: async () => {
      unsubscribe("http.server.request.start", note);
      await issuer.close();
    },
  };
}
