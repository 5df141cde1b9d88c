/** Line ends, header lines and chunks that are not as they should be: RFC 9112, sections 2.2, 5 and 7.1. */
import { ambiguous as row, type Parts } from "./ambiguous.ts";
import { chunked, requestBytes, type Attack } from "./attack.ts";

/** The same request with its line ends changed. */
const withLineEnd = (token: string, from: string, to: string): Buffer =>
  Buffer.from(requestBytes({ body: token }).toString("latin1").replaceAll(from, to), "latin1");

const lines: readonly Attack[] = [
  row("bare LF at the end of every line", (token) => withLineEnd(token, "\r\n", "\n")),
  row("bare LF behind the request line", (token) => withLineEnd(token, "HTTP/1.1\r\n", "HTTP/1.1\n")),
  row("bare LF behind a header", (token) => withLineEnd(token, "jwt\r\n", "jwt\n")),
  row("bare LF before the body", (token) => withLineEnd(token, "\r\n\r\n", "\r\n\n")),
  row("two bare LF before the body", (token) => withLineEnd(token, "\r\n\r\n", "\n\n")),
  row("bare CR at the end of every line", (token) => withLineEnd(token, "\r\n", "\r")),
  row("bare CR behind the request line", (token) => withLineEnd(token, "HTTP/1.1\r\n", "HTTP/1.1\r")),
  row("bare CR behind a header", (token) => withLineEnd(token, "jwt\r\n", "jwt\r")),
  row("bare CR before the body", (token) => withLineEnd(token, "\r\n\r\n", "\r\n\r")),
  row("bare CR in a header", (token) => ({ lines: ["x-a: b\rc"], body: token })),
  row("CR CR LF behind a header", (token) => ({ lines: ["x-a: b\r"], body: token })),
  row("obs-fold with a space", (token) => ({ lines: ["x-a: b", " c"], body: token })),
  row("obs-fold with a tab", (token) => ({ lines: ["x-a: b", "\tc"], body: token })),
  row("obs-fold behind the request line", (token) =>
    withLineEnd(token, "HTTP/1.1\r\n", "HTTP/1.1\r\n x: y\r\n"),
  ),
  row("obs-fold in Content-Length", (token) => ({
    headers: { "content-length": undefined },
    lines: ["Content-Length:", ` ${token.length}`],
    body: token,
  })),
  row("NUL in a header", (token) => ({ lines: ["x-a: b\0c"], body: token })),
  row("NUL in a header's name", (token) => ({ lines: ["x-\0a: b"], body: token })),
  row("DEL in a header", (token) => ({ lines: ["x-a: b\u007Fc"], body: token })),
  row("a control character in a header", (token) => ({ lines: ["x-a: b\u0001c"], body: token })),
  row("a space before the colon", (token) => ({ lines: ["x-a : b"], body: token })),
  row("a tab before the colon", (token) => ({ lines: ["x-a\t: b"], body: token })),
  row("a header without a colon", (token) => ({ lines: ["x-a"], body: token })),
  row("a header without a name", (token) => ({ lines: [": b"], body: token })),
  row("a space in a header's name", (token) => ({ lines: ["x a: b"], body: token })),
  row("a parenthesis in a header's name", (token) => ({ lines: ["x(a): b"], body: token })),
  row("a space before Content-Length's colon", (token) => ({
    headers: { "content-length": undefined },
    lines: [`Content-Length : ${token.length}`],
    body: token,
  })),
];

const inChunks =
  (body: (token: string) => string): Parts =>
  (token) => ({
    headers: { "content-length": undefined, "transfer-encoding": "chunked" },
    body: body(token),
  });
const size = (token: string): string => token.length.toString(16);

const chunks: readonly Attack[] = [
  row(
    "a chunk size with 0x",
    inChunks((token) => `0x${chunked(token)}`),
  ),
  row(
    "a negative chunk size",
    inChunks((token) => `-${chunked(token)}`),
  ),
  row(
    "a chunk size with a space before it",
    inChunks((token) => ` ${chunked(token)}`),
  ),
  row(
    "a chunk size with a space behind it",
    inChunks((token) => `${size(token)} \r\n${token}\r\n0\r\n\r\n`),
  ),
  row(
    "a chunk size over 2^64",
    inChunks((token) => `1000000000000000${size(token)}\r\n${token}\r\n0\r\n\r\n`),
  ),
  row(
    "an empty chunk size",
    inChunks((token) => `\r\n${token}\r\n0\r\n\r\n`),
  ),
  row(
    "a chunk size behind bare LF",
    inChunks((token) => `${size(token)}\n${token}\r\n0\r\n\r\n`),
  ),
  row(
    "a chunk size behind bare CR",
    inChunks((token) => `${size(token)}\r${token}\r\n0\r\n\r\n`),
  ),
  row(
    "a chunk that ends in bare LF",
    inChunks((token) => `${size(token)}\r\n${token}\n0\r\n\r\n`),
  ),
  row(
    "a chunk that ends in nothing",
    inChunks((token) => `${size(token)}\r\n${token}0\r\n\r\n`),
  ),
  row(
    "a chunk longer than it says",
    inChunks((token) => `5\r\n${token}\r\n0\r\n\r\n`),
  ),
  row(
    "a last chunk that ends in bare LF",
    inChunks((token) => `${size(token)}\r\n${token}\r\n0\n\r\n`),
  ),
  row(
    "an end of all chunks in bare LF",
    inChunks((token) => `${size(token)}\r\n${token}\r\n0\r\n\n`),
  ),
  row(
    "a chunk extension with bare LF",
    inChunks((token) => `${size(token)};a=b\n${token}\r\n0\r\n\r\n`),
  ),
  row(
    "a chunk extension with NUL",
    inChunks((token) => `${size(token)};a=\0\r\n${token}\r\n0\r\n\r\n`),
  ),
  row(
    "a trailer with a space before its colon",
    inChunks((token) => `${size(token)}\r\n${token}\r\n0\r\nx : y\r\n\r\n`),
  ),
];

export const lineAttacks: readonly Attack[] = [...lines, ...chunks];
