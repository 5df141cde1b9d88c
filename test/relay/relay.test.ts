import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { requestBytes } from "../attacks/attack.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { hasIpv6Loopback } from "../net/has-ipv6.ts";
import { createWebhook } from "./create-webhook.ts";
import { startTestIntake, type TestIntake, type TestIntakeOptions } from "./test-intake.ts";
import { headerOf, openWire, type WireAnswer } from "./wire.ts";

let intake: TestIntake | undefined;
afterEach(async () => {
  await intake?.close();
  intake = undefined;
});

/** One request through an intake to these forwards. */
async function pass(
  forwards: readonly string[],
  request: Buffer = requestBytes({ body: createWebhook() }),
  options: Partial<TestIntakeOptions> = {},
): Promise<WireAnswer> {
  intake ??= await startTestIntake({ ...options, forwards });
  using wire = await openWire(intake.port);
  await wire.write(request);
  const answer = await wire.answer();
  expect(intake.failures).toEqual([]);
  return answer!;
}

const reply =
  (status: number, headers: readonly string[], body?: string | Buffer, message?: string): Answer =>
  (response) => {
    if (message === undefined) response.writeHead(status, [...headers]);
    else response.writeHead(status, message, [...headers]);
    response.end(body);
  };

describe("what reaches the app", () => {
  test("is the body byte for byte, in one piece or in chunks", async () => {
    await using app = await startReceiver();
    const token = createWebhook();
    await pass([app.url], requestBytes({ body: token }));
    const chunks = token.replaceAll(/.{1,7}/g, (part) => `${part.length.toString(16)}\r\n${part}\r\n`);
    const inChunks = { "content-length": undefined, "transfer-encoding": "chunked" };
    await pass([app.url], requestBytes({ headers: inChunks, body: `${chunks}0\r\n\r\n` }));
    for (const { body, headers } of app.requests) {
      expect(body.toString()).toBe(token);
      expect(headers["content-length"]).toBe(String(token.length));
      expect(headers).not.toHaveProperty("transfer-encoding");
    }
    expect(app.requests).toHaveLength(2);
  });

  test("is any byte there is, where what does not verify is fine", async () => {
    await using app = await startReceiver();
    const body = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await pass([app.url], requestBytes({ body }), { isUnverifiedFine: true });
    expect((await app.next()).body).toEqual(body);
    expect(intake?.kept).toMatchObject([{ event: null, verification: { status: "unverified" } }]);
  });

  test("is every header as it came, and what the tunnel adds", async () => {
    await using app = await startReceiver();
    const lines = [
      "X-CamelCase: Value",
      "x-twice: a",
      "X-Twice: b",
      "Accept-Encoding: gzip, br",
      "User-Agent: Kinde",
    ];
    const more = ["Connection: keep-alive, X-Private", "X-Private: 1", "TE: trailers", "x-latin: caf\u00e9"];
    await pass([app.url], requestBytes({ lines: [...lines, ...more], body: createWebhook() }), {
      headers: [
        ["Authorization", "Bearer mine"],
        ["user-agent", "mine"],
      ],
      proto: () => "http",
    });
    const { rawHeaders } = await app.next();
    const pairs = rawHeaders.flatMap((name, index) =>
      index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : [],
    );
    expect(pairs).toEqual([
      `host: 127.0.0.1:${app.port}`,
      "content-type: application/jwt",
      "webhook-id: attack",
      "X-CamelCase: Value",
      "x-twice: a",
      "X-Twice: b",
      "Accept-Encoding: gzip, br",
      "x-latin: caf\u00e9",
      "x-forwarded-for: 127.0.0.1",
      "x-forwarded-host: devhook-attack.localtunnel.me",
      "x-forwarded-proto: http",
      "Authorization: Bearer mine",
      "user-agent: mine",
      expect.stringMatching(/^content-length: \d+$/),
      expect.stringMatching(/^connection: keep-alive$/i),
    ]);
  });

  test.runIf(hasIpv6Loopback).each(["127.0.0.1", "::1"])(
    "is sent to localhost, which listens on %s only",
    async (host) => {
      await using app = await startReceiver({ host });
      expect(await pass([`http://localhost:${app.port}/api/webhook`])).toMatchObject({ status: 200 });
    },
  );
});

describe("where it goes", () => {
  test.each([
    ["", "/api/webhook?a=1&b=%20", "/api/webhook?a=1&b=%20"],
    ["", "/", "/"],
    ["", "//evil.example/path", "//evil.example/path"],
    ["", "///evil.example", "///evil.example"],
    ["", "/\\evil.example/", "//evil.example/"],
    ["", "/@evil.example/", "/@evil.example/"],
    ["", "/http://evil.example/", "/http://evil.example/"],
    ["", "/..//evil.example", "//evil.example"],
    ["/hooks/kinde", "/api/webhook", "/hooks/kinde"],
    ["/hooks/kinde", "//evil.example/", "/hooks/kinde"],
    ["/hooks/kinde", "/api/webhook?a=1", "/hooks/kinde?a=1"],
    ["/hooks/kinde?own=1", "/api/webhook?a=1", "/hooks/kinde?own=1"],
    ["/", "/api/webhook", "/"],
  ])("is, for the forward %j and the target %s, the app's %s", async (path, target, expected) => {
    await using app = await startReceiver();
    const answer = await pass([`${app.port}${path}`], requestBytes({ target, body: createWebhook() }));
    expect(answer).toMatchObject({ status: 200 });
    expect((await app.next()).url).toBe(expected);
    expect(new URL(intake!.kept[0]!.endpoint).host).toBe(`localhost:${app.port}`);
  });
});

describe("what the sender gets", () => {
  test.each([
    ["a success", 200, "OK"],
    ["a success with another word", 200, "Fine by me"],
    ["a success that is none for Kinde", 201, "Created"],
    ["a redirect, which is not followed", 307, "Temporary Redirect"],
    ["an error", 500, "Internal Server Error"],
    ["a status that nobody has heard of", 799, "What"],
  ])("is the app's status, headers and body: %s", async (_, status, message) => {
    const headers = [
      "X-App",
      "1",
      "Set-Cookie",
      "a=1",
      "set-cookie",
      "b=2",
      "Location",
      "/elsewhere",
      "x-latin",
      "caf\u00e9",
    ];
    await using app = await startReceiver({ answers: [reply(status, headers, '{"ok":true}', message)] });
    const answer = await pass([app.url]);
    expect(answer).toMatchObject({ status, statusMessage: message });
    expect(answer.body.toString()).toBe('{"ok":true}');
    const passed = answer.headers.filter(
      ([name]) => !["date", "connection", "content-length"].includes(name.toLowerCase()),
    );
    expect(passed.flat()).toEqual(headers);
    expect(headerOf(answer, "content-length")).toBe("11");
  });

  test.each([204, 304])("is a %i without a body", async (status) => {
    await using app = await startReceiver({ answers: [reply(status, ["ETag", '"1"'])] });
    const answer = await pass([app.url]);
    expect(answer).toMatchObject({ status, body: { length: 0 } });
    expect(headerOf(answer, "content-length")).toBeUndefined();
    expect(headerOf(answer, "etag")).toBe('"1"');
  });

  test("is the app's one date, and nothing of its connection", async () => {
    const headers = [
      "Date",
      "today",
      "Connection",
      "close, X-Private",
      "X-Private",
      "1",
      "Keep-Alive",
      "timeout=9",
    ];
    await using app = await startReceiver({ answers: [reply(200, headers, "ok")] });
    const answer = await pass([app.url]);
    expect(answer.headers.filter(([name]) => name.toLowerCase() === "date")).toEqual([["Date", "today"]]);
    expect(headerOf(answer, "x-private")).toBeUndefined();
    expect(headerOf(answer, "connection")).not.toContain("X-Private");
    expect(headerOf(answer, "keep-alive")).toBeUndefined();
  });

  test.each([
    ["5 MB of any bytes", randomBytes(5_000_000), []],
    ["a compressed body, as it is", gzipSync("a".repeat(1_000)), ["Content-Encoding", "gzip"]],
  ])("is the body byte for byte: %s", async (_, body, headers) => {
    await using app = await startReceiver({ answers: [reply(200, headers, body)] });
    const answer = await pass([app.url]);
    expect(answer.body.equals(body)).toBe(true);
    expect(headerOf(answer, "content-encoding")).toBe(headers[1]);
  });
});
