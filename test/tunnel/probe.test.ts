import { createHmac, randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { createProbe, type Probe, type ProbeResult } from "../../src/tunnel/probe.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver, type Receiver } from "../helpers/receiver.ts";
import { startTcpServer } from "../net/tcp-server.ts";

const { signal } = new AbortController();
const noncePath = /^\/\.well-known\/kinde-devhook\/([0-9a-f]{32})$/;

/** Sends the probe to a server that answers a path in this way. */
async function sendTo(
  answer: (response: ServerResponse, path: string, probe: Probe) => void,
  { timeoutMs = 20_000 } = {},
): Promise<{ result: ProbeResult; requests: Receiver["requests"]; probe: Probe }> {
  const probe = createProbe(randomBytes, timeoutMs);
  await using server = await startReceiver({
    answers: [(response, { url }) => answer(response, url, probe)],
  });
  const result = await probe.send(new URL(server.url), signal);
  return { result, requests: server.requests, probe };
}

describe("a probe comes back", () => {
  test("when our own intake answers it", async () => {
    const { result, requests } = await sendTo((response, path, probe) => response.end(probe.answer(path)));
    expect(result).toEqual({ outcome: "came-back" });
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method: "GET", url: expect.stringMatching(noncePath) as string });
    // The public service keeps what looks like a browser away from the tunnel.
    expect(requests[0]?.headers).toMatchObject({
      "bypass-tunnel-reminder": "1",
      "user-agent": expect.stringMatching(/^kinde-devhook\//) as string,
    });
  });

  test("every time, under another nonce", async () => {
    const probe = createProbe(randomBytes);
    await using server = await startReceiver({
      answers: [(response, { url }) => void response.end(probe.answer(url))],
    });
    const sent = Array.from({ length: 10 }, () => probe.send(new URL(server.url), signal));
    expect(await Promise.all(sent)).toEqual(sent.map(() => ({ outcome: "came-back" })));
    expect(new Set(server.requests.map(({ url }) => url))).toHaveLength(10);
  });
});

describe("a nonce", () => {
  test("is answered once", async () => {
    const answers: (string | undefined)[] = [];
    const { probe, requests } = await sendTo((response, path, sent) => {
      answers.push(sent.answer(path), sent.answer(path));
      response.end(answers[0]);
    });
    expect(answers).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), undefined]);
    expect(probe.answer(requests[0]?.url ?? "")).toBeUndefined();
  });

  test("is good for nothing once the probe has ended, seen or not", async () => {
    const { result, requests, probe } = await sendTo((response) => response.end("who is there?"));
    expect(result.outcome).toBe("failed");
    expect(probe.answer(requests[0]?.url ?? "")).toBeUndefined();
  });

  test("that was not sent out, or is written in another way, is answered by nothing", async () => {
    const others = (path: string): string[] => [
      "/",
      "",
      "/.well-known/kinde-devhook/",
      `/.well-known/kinde-devhook/${"0".repeat(32)}`,
      `${path}/`,
      `${path}?x=1`,
      `${path}0`,
      path.slice(0, -1),
      `/${path}`,
      path.replace("/.well-known", "/x/../.well-known"),
      path.replace("kinde-devhook/", "kinde-devhook//"),
      path.replace("kinde-devhook/", "kinde-devhook/%"),
      path.replace("/.well-known/kinde-devhook/", ""),
      `http://localhost${path}`,
      path.replace(/[^/]*$/, (nonce) => nonce.toUpperCase()),
    ];
    let answered: (string | undefined)[] = [];
    const { result } = await sendTo((response, path, probe) => {
      answered = others(path).map((other) => probe.answer(other));
      response.end(probe.answer(path));
    });
    expect(answered).toEqual(others("").map(() => undefined));
    // None of them has used it up.
    expect(result).toEqual({ outcome: "came-back" });
  });
});

describe("a probe fails", () => {
  const page = "<!doctype html><title>Sign in to the hotel's network</title>";
  const end = (text: (right: string, nonce: string) => string | Buffer) => {
    return (response: ServerResponse, path: string, probe: Probe): void =>
      void response.end(text(probe.answer(path) ?? "", noncePath.exec(path)?.[1] ?? ""));
  };

  test.each<[what: string, answer: (response: ServerResponse, path: string, probe: Probe) => void]>([
    ["the page of a captive portal", (response) => response.setHeader("content-type", "text/html").end(page)],
    ["a redirect to its sign-in", (response) => response.writeHead(302, { location: "/sign-in" }).end(page)],
    ["404", (response) => response.writeHead(404).end("404")],
    ["503", (response) => response.writeHead(503).end("no tunnel here")],
    ["nothing", (response) => response.end()],
    ["its own nonce", end((_, nonce) => nonce)],
    ["the answer without its last character", end((right) => right.slice(0, -1))],
    ["the answer without its first character", end((right) => right.slice(1))],
    ["the first half of the answer", end((right) => right.slice(0, 32))],
    ["the answer and a newline", end((right) => `${right}\n`)],
    ["the answer twice", end((right) => right + right)],
    ["the answer somewhere in a page", end((right) => `<p>${right}</p>`)],
    ["the answer and more than is read", end((right) => right + " ".repeat(8_192))],
    ["the answer in upper case", end((right) => right.toUpperCase())],
    ["the answer as bytes", end((right) => Buffer.from(right, "hex"))],
    [
      "the answer with one character changed",
      end((right) => (right[0] === "0" ? "1" : "0") + right.slice(1)),
    ],
    ["an HMAC under another key", end((_, nonce) => hmac(randomBytes(32), nonce))],
    ["an HMAC under no key", end((_, nonce) => hmac(Buffer.alloc(32), nonce))],
    ["the answer to another nonce", end((right) => hmac(Buffer.from(right), "0".repeat(32)))],
  ])("on %s", async (_, answer) => {
    const { result } = await sendTo(answer);
    expect(result).toMatchObject({
      outcome: "failed",
      reason: expect.stringContaining("something else answers at 127.0.0.1") as string,
    });
  });

  test("on an answer that another run of ours has given", async () => {
    const other = createProbe(randomBytes);
    await using server = await startReceiver({
      answers: [(response, { url }) => void response.end(other.answer(url) ?? "404")],
    });
    expect(await createProbe(randomBytes).send(new URL(server.url), signal)).toMatchObject({
      outcome: "failed",
    });
  });

  test("on no answer in time", async () => {
    expect((await sendTo(() => {}, { timeoutMs: 100 })).result).toMatchObject({
      outcome: "failed",
      reason: expect.stringContaining("no answer within 0.1 s") as string,
    });
  });

  test("on a connection that is cut", async () => {
    await using server = await startTcpServer((socket) => void socket.once("data", () => socket.destroy()));
    expect(
      await createProbe(randomBytes).send(new URL(`http://127.0.0.1:${server.port}`), signal),
    ).toMatchObject({ outcome: "failed" });
  });
});

test("a probe that the service answers with 429 says that it is asked too often, and nothing of the tunnel", async () => {
  const { result } = await sendTo((response) => response.writeHead(429).end("slow down"));
  expect(result).toEqual({ outcome: "limited", reason: expect.stringContaining("429") as string });
});

test("a time of its own is what a probe has, where one is given", async () => {
  await using server = await startReceiver({ answers: [() => {}] });
  const result = await createProbe(randomBytes).send(new URL(server.url), signal, 100);
  expect(result).toMatchObject({ reason: expect.stringContaining("within 0.1 s") as string });
});

describe("a probe is blocked", () => {
  test.each<[what: string, url: () => Promise<string>]>([
    ["nothing listens at the public URL", async () => `http://acme.localhost:${await findFreePort()}`],
    ["nobody knows its name", async () => "http://acme.nobody.invalid"],
  ])("when %s", async (_, url) => {
    const publicUrl = new URL(await url());
    expect(await createProbe(randomBytes).send(publicUrl, signal)).toMatchObject({
      outcome: "blocked",
      reason: expect.stringContaining(publicUrl.host) as string,
    });
  });

  test("when no TLS connection can be made", async () => {
    await using server = await startReceiver();
    const publicUrl = new URL(`https://127.0.0.1:${server.port}`);
    expect(await createProbe(randomBytes).send(publicUrl, signal)).toMatchObject({ outcome: "blocked" });
  });
});

test("a signal ends the wait with its reason, and the nonce with it", async () => {
  await using server = await startReceiver({ answers: [() => {}] });
  const probe = createProbe(randomBytes);
  const abort = new AbortController();
  const sent = probe.send(new URL(server.url), abort.signal);
  const { url } = await server.next();
  abort.abort(new Error("enough"));
  await expect(sent).rejects.toThrow("enough");
  expect(probe.answer(url)).toBeUndefined();
});

function hmac(key: Uint8Array, nonce: string): string {
  return createHmac("sha256", key).update(nonce).digest("hex");
}
