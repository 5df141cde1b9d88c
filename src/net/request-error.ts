/** Why a request got no whole answer. */
export type RequestErrorCode =
  | "ERR_CONNECTION_REFUSED"
  | "ERR_CONNECTION_CLOSED"
  | "ERR_CONNECTION_FAILED"
  | "ERR_HOST_NOT_FOUND"
  | "ERR_TIMEOUT"
  | "ERR_TLS"
  | "ERR_ABORTED"
  | "ERR_CUT_ON_PURPOSE";

/** No answer came. The message completes "the request failed: …". */
export class RequestError extends Error {
  readonly code: RequestErrorCode;
  constructor(code: RequestErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** @param hasAnswered whether the answer had begun */
export function timeoutError(timeoutMs: number, hasAnswered: boolean): RequestError {
  // What is left of a time for several requests has fractions that nobody wants to read.
  const seconds = Math.round(timeoutMs) / 1000;
  return new RequestError(
    "ERR_TIMEOUT",
    hasAnswered ? `the answer did not end within ${seconds} s` : `no answer within ${seconds} s`,
  );
}

/** What a socket's error means, in a sentence. */
export function describeFailure(error: unknown, url: URL): RequestError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ECONNREFUSED") {
    return new RequestError("ERR_CONNECTION_REFUSED", `nothing listens at ${url.host}`, error);
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return new RequestError("ERR_HOST_NOT_FOUND", `the name ${url.hostname} can't be found`, error);
  }
  if (["ECONNRESET", "EPIPE", "ECONNABORTED"].includes(code)) {
    return new RequestError(
      "ERR_CONNECTION_CLOSED",
      "the connection was closed before the answer was whole",
      error,
    );
  }
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code)) {
    return new RequestError("ERR_TLS", `no TLS connection to ${url.host} (${code})`, error);
  }
  const message = error instanceof Error ? error.message : String(error);
  return new RequestError("ERR_CONNECTION_FAILED", message, error);
}
