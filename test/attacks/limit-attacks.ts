/** Too much, and too slow: DESIGN's limits of the intake. */
import { requestBytes, type Attack, type RequestParts } from "./attack.ts";

type Parts = (token: string) => RequestParts;

function row(
  name: string,
  code: Attack["code"],
  status: Attack["status"],
  parts: Parts,
  { endsConnection = true, keep = Infinity }: { endsConnection?: boolean; keep?: number } = {},
): Attack {
  return {
    name,
    bytes: ({ kinde }) => {
      const token = kinde.signWebhook("user.created");
      return requestBytes({ body: token, ...parts(token) }).subarray(0, keep);
    },
    code,
    status,
    endsConnection,
  };
}

const mebibyte = 1 << 20;
const inChunks = { "content-length": undefined, "transfer-encoding": "chunked" };
const chunk = (body: string): string => `${body.length.toString(16)}\r\n${body}\r\n`;
const repeat = (count: number, line: string): string[] => Array.from({ length: count }, () => line);
const large = "ERR_BODY_TOO_LARGE";
const malformed = "ERR_MALFORMED_REQUEST";

/** It is read to its end, so that the connection can stay. */
const whole = { endsConnection: false };

const sizes: readonly Attack[] = [
  row(
    "a body of 1 MiB that is no token",
    "ERR_NOT_A_JWT",
    401,
    () => ({ body: "a".repeat(mebibyte) }),
    whole,
  ),
  row("a body of 1 MiB + 1", large, 413, () => ({ body: "a".repeat(mebibyte + 1) }), whole),
  row("a body said to be 1 MiB + 1, of which nothing comes", large, 413, () => ({
    headers: { "content-length": String(mebibyte + 1) },
    body: "",
  })),
  row("a body said to be 16 EiB", large, 413, () => ({
    headers: { "content-length": "18446744073709551615" },
    body: "",
  })),
  row(
    "one chunk of 1 MiB + 1",
    large,
    413,
    () => ({
      headers: inChunks,
      body: `${chunk("a".repeat(mebibyte + 1))}0\r\n\r\n`,
    }),
    whole,
  ),
  row(
    "many chunks of 1 MiB + 1 in all",
    large,
    413,
    (token) => ({
      headers: inChunks,
      body: `${chunk(token)}${chunk("a".repeat(1 << 16)).repeat(16)}0\r\n\r\n`,
    }),
    whole,
  ),
  row("a chunk said to be 4 GiB", large, 413, () => ({
    headers: inChunks,
    body: `ffffffff\r\n${"a".repeat(mebibyte + 1)}`,
  })),
];

const heads: readonly Attack[] = [
  row("a header of 17 KiB", malformed, 431, () => ({ headers: { "x-bomb": "b".repeat(17 << 10) } })),
  row("a header's name of 17 KiB", malformed, 431, () => ({ lines: [`${"n".repeat(17 << 10)}: b`] })),
  row("a target of 17 KiB", malformed, 431, () => ({ target: `/${"p".repeat(17 << 10)}` })),
  row("10,000 headers", malformed, 431, () => ({
    lines: Array.from({ length: 10_000 }, (_, index) => `x-${index}: b`),
  })),
  row("10,000 headers of one name", malformed, 431, () => ({
    lines: repeat(10_000, "a: b"),
  })),
  row("10,000 Content-Lengths", malformed, 400, (token) => ({
    lines: repeat(10_000, `Content-Length: ${token.length}`),
  })),
  row("an upgrade behind 2,500 headers", "ERR_NOT_A_WEBHOOK_REQUEST", 404, () => ({
    lines: [...repeat(2_500, "a:b"), "Connection: Upgrade", "Upgrade: websocket"],
  })),
  row("a transfer encoding behind 2,500 headers", malformed, 400, () => ({
    headers: { "content-length": undefined },
    lines: [...repeat(2_500, "a:b"), "Transfer-Encoding: identity, chunked"],
    body: "0\r\n\r\n",
  })),
  row("trailers of 17 KiB", malformed, 431, (token) => ({
    headers: inChunks,
    body: `${chunk(token)}0\r\nx-bomb: ${"b".repeat(17 << 10)}\r\n\r\n`,
  })),
  row("a chunk's extensions of 17 KiB", malformed, 400, (token) => ({
    headers: inChunks,
    body: `${token.length.toString(16)};a=${"b".repeat(17 << 10)}\r\n${token}\r\n0\r\n\r\n`,
  })),
];

/** Complete these are genuine webhooks; what is sent ends early, and nothing follows. */
const late = "ERR_REQUEST_TIMEOUT";
const genuine: Parts = () => ({});
const genuineInChunks: Parts = (token) => ({ headers: inChunks, body: `${chunk(token)}0\r\n\r\n` });

export const slowAttacks: readonly Attack[] = [
  row("one byte and no other", late, null, genuine, { keep: 1 }),
  row("a request line without its end", late, null, genuine, { keep: 20 }),
  row("a header without its end", late, null, genuine, { keep: 60 }),
  row(
    "headers without the empty line",
    late,
    null,
    (token) => ({ headers: { "x-length": String(token.length) } }),
    {
      keep: 120,
    },
  ),
  row("a head without its body", late, null, (token) => ({
    headers: { "content-length": String(token.length) },
    body: "",
  })),
  row("a body without its last byte", late, null, (token) => ({
    headers: { "content-length": String(token.length + 1) },
  })),
  row("chunks without the last", late, null, (token) => ({ headers: inChunks, body: chunk(token) })),
  row("a chunk without its end", late, null, (token) => ({
    headers: inChunks,
    body: `${(token.length + 1).toString(16)}\r\n${token}`,
  })),
  row("a chunk's size without its end", late, null, genuineInChunks, { keep: 160 }),
  row("chunks without the end of the trailers", late, null, (token) => ({
    headers: inChunks,
    body: `${chunk(token)}0\r\nx: y\r\n`,
  })),
  row("Expect: 100-continue without a body, and an odd expectation", late, null, (token) => ({
    headers: { expect: "a-miracle", "content-length": String(token.length) },
    body: "",
  })),
];

export const limitAttacks: readonly Attack[] = [...sizes, ...heads];
