import type { IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import {
  addHeaders,
  answeredHeaders,
  forwardedHeaders,
  type ForwardedHeadersOptions,
} from "../../src/relay/headers.ts";

const peer = "127.0.0.1";

/** What of these headers goes to the app. */
function forward(rawHeaders: readonly string[], options: Partial<ForwardedHeadersOptions> = {}): string[] {
  const valuesOf = (name: string): string[] =>
    rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
  const [host] = valuesOf("host");
  const connections = valuesOf("connection");
  const request = {
    rawHeaders,
    // As node:http joins them.
    headers: { host, connection: connections.length === 0 ? undefined : connections.join(", ") },
    socket: { remoteAddress: peer },
  };
  return [
    ...forwardedHeaders(request as unknown as IncomingMessage, { proto: "https", added: [], ...options }),
  ];
}

const forwarded = ["x-forwarded-for", peer, "x-forwarded-proto", "https"];

describe("the headers for the app", () => {
  test("keep their names as written, their order, and every one of several", () => {
    const raw = [
      "Webhook-ID",
      "1",
      "X-Twice",
      "a",
      "content-type",
      "application/jwt",
      "x-TWICE",
      "b",
      "Accept",
      "",
    ];
    expect(forward(raw)).toEqual([...raw, ...forwarded]);
  });

  test.each([
    "Connection",
    "Keep-Alive",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "Content-Length",
    "Expect",
    "Host",
  ])("leave out %s, which belongs to one connection", (name) => {
    const passed = forward([name, "value", "x-kept", "1"]);
    expect(passed.map((text) => text.toLowerCase())).not.toContain(name.toLowerCase());
    expect(passed).toContain("x-kept");
  });

  test.each([
    ["in one header", ["Connection", "close, X-Private ,x-other"]],
    ["in two headers", ["Connection", "X-Private", "connection", "keep-alive, X-OTHER"]],
  ])("leave out what Connection names, %s", (_, connection) => {
    expect(forward([...connection, "x-private", "1", "X-Other", "2", "x-kept", "3"])).toEqual([
      "x-kept",
      "3",
      ...forwarded,
    ]);
  });

  test("say who asked, under which host, and by which scheme", () => {
    expect(forward(["Host", "name.localtunnel.me"], { proto: "http" })).toEqual([
      "x-forwarded-for",
      peer,
      "x-forwarded-host",
      "name.localtunnel.me",
      "x-forwarded-proto",
      "http",
    ]);
  });

  test("add to who asked, and keep the host and scheme that a proxy before has said", () => {
    const raw = [
      "Host",
      "inner",
      "X-Forwarded-For",
      "203.0.113.7",
      "X-Forwarded-Host",
      "outer",
      "X-Forwarded-Proto",
      "http",
      "x-forwarded-for",
      "198.51.100.1",
    ];
    expect(forward(raw)).toEqual([
      "X-Forwarded-Host",
      "outer",
      "X-Forwarded-Proto",
      "http",
      "x-forwarded-for",
      `203.0.113.7, 198.51.100.1, ${peer}`,
    ]);
  });

  test("take the user's own in place of those that came, in whatever case", () => {
    const added = [
      ["Authorization", "Bearer own"],
      ["X-NEW", "1"],
    ] as const;
    expect(forward(["authorization", "a", "AUTHORIZATION", "b", "x-kept", "c"], { added })).toEqual([
      "x-kept",
      "c",
      ...forwarded,
      "Authorization",
      "Bearer own",
      "X-NEW",
      "1",
    ]);
  });
});

describe("the headers of the app's answer", () => {
  test("keep their names as written, their order, and every one of several", () => {
    const raw = ["Set-Cookie", "a=1", "X-Kept", "1", "set-cookie", "b=2", "Date", "today"];
    expect(answeredHeaders(raw, 200, 5)).toEqual([...raw, "content-length", "5"]);
  });

  test("leave out what belongs to one connection, and give the length of the body", () => {
    const raw = [
      "Transfer-Encoding",
      "chunked",
      "Connection",
      "close, X-Private",
      "Keep-Alive",
      "timeout=5",
      "X-Private",
      "1",
      "Trailer",
      "x-end",
      "Content-Length",
      "7",
    ];
    expect(answeredHeaders(raw, 500, 3)).toEqual(["content-length", "3"]);
  });

  test("leave out what either of two Connection headers names", () => {
    const raw = ["Connection", "X-First", "Connection", "X-Second", "X-First", "1", "X-Second", "2"];
    expect(answeredHeaders(raw, 200, 0)).toEqual(["content-length", "0"]);
  });

  test.each([204, 304])("have no length for a status %i", (status) => {
    expect(answeredHeaders(["ETag", '"1"', "Content-Length", "9"], status, 0)).toEqual(["ETag", '"1"']);
  });
});

describe("headers with others in their place", () => {
  test("are those that came, but for the names of the others, however they are written", () => {
    const came = ["X-Env", "a", "accept", "b", "x-env", "c"];
    expect(addHeaders(came, [["X-ENV", "mine"]])).toEqual(["accept", "b", "X-ENV", "mine"]);
    // A value may be named like a header.
    expect(addHeaders(["accept", "x-env"], [["x-env", "mine"]])).toEqual([
      "accept",
      "x-env",
      "x-env",
      "mine",
    ]);
    expect(addHeaders(came, [])).toBe(came);
  });
});
