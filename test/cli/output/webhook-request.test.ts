import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatClaims, formatRequest } from "../../../src/cli/output/webhook-request.ts";

const claims = { type: "user.created", data: { user: { last_name: "L", email: "x" } } };
const request = {
  token: "aGVhZGVy.Y2xhaW1z.c2ln",
  webhookId: "3190d40f8bb334cd2b8960ba688856a2",
  endpoint: new URL("http://localhost:3000/api/webhook?a=1&b=2"),
};

test("the claims are printed in the order in which they are signed", () => {
  expect(formatClaims(claims)).toBe(
    JSON.stringify({ data: { user: { email: "x", last_name: "L" } }, type: "user.created" }, undefined, 2),
  );
});

test("claims that are printed can't steer a terminal, and mean the same", () => {
  const data = { first_name: "\u009b31m\u202eX\u001b[2J", last_name: "Ö" };
  const printed = formatClaims({ data });
  for (const control of ["\u009b", "\u202e", "\u001b"]) expect(printed).not.toContain(control);
  expect(JSON.parse(printed)).toEqual({ data });
});

test("the bytes of HTTP/1.1 hold what a delivery sends", () => {
  expect(formatRequest("http", request).split("\r\n")).toEqual([
    "POST /api/webhook?a=1&b=2 HTTP/1.1",
    "host: localhost:3000",
    "content-type: application/jwt",
    `webhook-id: ${request.webhookId}`,
    "content-length: 22",
    "connection: close",
    "",
    request.token,
  ]);
});

describe.skipIf(process.platform === "win32")("the line for a shell", () => {
  test("reaches curl word for word, whatever the webhook-id and the endpoint hold", () => {
    const visible = fc.string({
      unit: fc.constantFrom(...Array.from("'\"\\$`!*?#;&|<>(){}[]~%=a1")),
      minLength: 1,
    });
    const samples = fc.sample(fc.record({ webhookId: visible, path: visible }), 50);
    const requests = samples.map(({ webhookId, path }) => ({
      ...request,
      webhookId,
      endpoint: new URL(`/hooks/${path}`, "http://localhost:3000"),
    }));
    // `curl` says what it was called with.
    const script = [
      "curl() { printf '%s\\0' \"$@\"; printf '\\n'; }",
      ...requests.map((one) => formatRequest("curl", one)),
    ];
    const { stdout } = spawnSync("sh", ["-c", script.join("\n")], { encoding: "utf8" });
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split("\0").slice(0, -1)),
    ).toEqual(
      requests.map(({ endpoint, webhookId, token }) => [
        "-i",
        "-X",
        "POST",
        endpoint.href,
        "-H",
        "content-type: application/jwt",
        "-H",
        `webhook-id: ${webhookId}`,
        "--data-raw",
        token,
      ]),
    );
  });
});
