import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";

export interface PublicRequest {
  /** Default GET. */
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
  /** From the start to the end of the answer. Default 20 s. */
  readonly timeoutMs?: number;
}

export interface PublicAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * One request on a connection of its own; `localhost` and `*.localhost` are loopback, any other name is refused.
 * Rejects with an `AbortError` (`ABORT_ERR`) when no whole answer came in time.
 */
export function requestPublic(url: string | URL, options?: PublicRequest): Promise<PublicAnswer>;
