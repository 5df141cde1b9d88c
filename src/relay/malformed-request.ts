/** What is no request at all, and why. */
import type { IncomingMessage } from "node:http";
import type { Refusal } from "./gate.ts";

/** Why a request that node:http's parser lets through is malformed all the same: RFC 9112, sections 2.3, 3.2, 6.1. */
export function faultOf({ httpVersion, headers }: IncomingMessage): string | undefined {
  if (httpVersion !== "1.1" && httpVersion !== "1.0") return `its version is HTTP/${httpVersion}`;
  if (headers.host === undefined && httpVersion === "1.1") return "it names no host";
  const encoding = headers["transfer-encoding"];
  // Another server may see the end of such a body elsewhere.
  if (encoding !== undefined && (encoding.toLowerCase() !== "chunked" || httpVersion === "1.0")) {
    return "its transfer encoding is not chunked alone";
  }
  return undefined;
}

/** What node:http's parser refuses, and the status line of the answer. */
export function malformed({ code, message }: NodeJS.ErrnoException): [refusal: Refusal, statusLine: string] {
  const what = { code: "ERR_MALFORMED_REQUEST" } as const;
  return code === "HPE_HEADER_OVERFLOW"
    ? [{ ...what, reason: "its headers exceed 16 KiB", status: 431 }, "431 Request Header Fields Too Large"]
    : [{ ...what, reason: `it is no HTTP (${message})`, status: 400 }, "400 Bad Request"];
}
