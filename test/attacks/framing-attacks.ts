/** Two framings, or one that is said in an odd way: RFC 9112, sections 6.1 to 6.3. */
import { ambiguous as row } from "./ambiguous.ts";
import { chunked, requestBytes, type Attack } from "./attack.ts";

const twoFramings: readonly Attack[] = [
  row("CL.TE: a length, and chunks", (token) => ({
    headers: { "transfer-encoding": "chunked", "content-length": String(chunked(token).length) },
    body: chunked(token),
  })),
  row("CL.TE with the shorter length", (token) => ({
    headers: { "content-length": "5", "transfer-encoding": "chunked" },
    body: chunked(token),
  })),
  row("CL.TE with length 0", (token) => ({
    headers: { "content-length": "0", "transfer-encoding": "chunked" },
    body: chunked(token),
  })),
  row("TE.CL: chunks first, then a length", (token) => ({
    headers: { "content-length": undefined },
    lines: ["Transfer-Encoding: chunked", `Content-Length: ${token.length}`],
    body: token,
  })),
  row("TE.CL with an empty chunk before a webhook", (token) => ({
    headers: { "content-length": undefined },
    lines: ["Transfer-Encoding: chunked", "Content-Length: 4"],
    body: `0\r\n\r\n${requestBytes({ body: token }).toString("latin1")}`,
  })),
  row("CL.TE in HTTP/1.0", (token) => ({
    version: "HTTP/1.0",
    headers: { "transfer-encoding": "chunked" },
    body: chunked(token),
  })),
];

const encodings: readonly string[] = [
  "xchunked",
  "chunkedx",
  "chunked, identity",
  "chunked, gzip",
  "identity",
  "gzip",
  "chunked;q=1",
  '"chunked"',
  "'chunked'",
  "\u000Bchunked",
  "chunked\u000B",
  "\u0000chunked",
  "chunk ed",
  ",chunked,",
  "chunked,",
  "",
  "cow",
  "identity, chunked, identity",
  "chun\u017Bed",
];

const obfuscated: readonly Attack[] = encodings.map((encoding) =>
  row(`TE.TE: Transfer-Encoding ${JSON.stringify(encoding)}`, (token) => ({
    headers: { "content-length": undefined },
    lines: [`Transfer-Encoding: ${encoding}`],
    body: chunked(token),
  })),
);

const obfuscatedWithLength: readonly Attack[] = encodings.map((encoding) =>
  row(`TE.TE with a length: Transfer-Encoding ${JSON.stringify(encoding)}`, (token) => ({
    lines: [`Transfer-Encoding: ${encoding}`],
    body: token,
  })),
);

const twoEncodings: readonly Attack[] = [
  ["chunked", "identity"],
  ["identity", "chunked"],
  ["chunked", "cow"],
  ["chunked", "chunked"],
].map(([first, second]) =>
  row(`TE.TE: Transfer-Encoding ${first}, then ${second}`, (token) => ({
    headers: { "content-length": undefined },
    lines: [`Transfer-Encoding: ${first}`, `Transfer-Encoding: ${second}`],
    body: chunked(token),
  })),
);

const encodingLines: readonly Attack[] = [
  "Transfer-Encoding : chunked",
  "Transfer-Encoding\t: chunked",
  " Transfer-Encoding: chunked",
  "Transfer-Encoding\r\n: chunked",
  "Transfer-Encoding:\r\n chunked",
  "Transfer-Encoding: chunked\r\n , identity",
  "X: x\nTransfer-Encoding: chunked",
  "X: x\rTransfer-Encoding: chunked",
  "Transfer\0-Encoding: chunked",
].map((line) =>
  row(`TE.TE by the line ${JSON.stringify(line)}`, (token) => ({ lines: [line], body: token })),
);

const lengths: readonly Attack[] = [
  ["negative", "-1"],
  ["with a plus", "+5"],
  ["in hexadecimal", "0x10"],
  ["in octal with a letter", "0o17"],
  ["with a fraction", "5.0"],
  ["with an exponent", "1e2"],
  ["of a word", "five"],
  ["that is empty", ""],
  ["with an underscore", "1_0"],
  ["with a comma", "5,5"],
  ["with a space inside", "1 0"],
  ["over 2^64", "18446744073709551617"],
  ["of 100 digits", "9".repeat(100)],
  ["in full-width digits", "\u00EF\u00BC\u0095"],
  ["with a semicolon", "5;q=1"],
  ["with NUL", "5\0"],
].map(([name, length]) =>
  row(`a Content-Length ${name}`, (token) => ({ headers: { "content-length": length }, body: token })),
);

const twoLengths: readonly Attack[] = [
  row("two Content-Lengths, the first right", (token) => ({ lines: ["Content-Length: 0"], body: token })),
  row("two Content-Lengths, the last right", (token) => ({
    headers: { "content-length": "0" },
    lines: [`Content-Length: ${token.length}`],
    body: token,
  })),
  row("two Content-Lengths that are equal", (token) => ({
    lines: [`Content-Length: ${token.length}`],
    body: token,
  })),
  row("two Content-Lengths in one line", (token) => ({
    headers: { "content-length": `${token.length}, ${token.length}` },
    body: token,
  })),
];

export const framingAttacks: readonly Attack[] = [
  ...twoFramings,
  ...obfuscated,
  ...obfuscatedWithLength,
  ...twoEncodings,
  ...encodingLines,
  ...lengths,
  ...twoLengths,
];
