import fc from "fast-check";
import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { asCurl, fitsShell } from "../../../src/inspector/page/detail/as-curl.ts";
import { asFixture, hasEvent } from "../../../src/inspector/page/detail/as-fixture.ts";
import { asTest } from "../../../src/inspector/page/detail/as-test.ts";
import type { JsonObject } from "../../../src/kinde/json.ts";

const delivery = { token: "a.b.c", endpoint: "http://localhost:3000/api/webhook", webhookId: "0123" };
const claims = {
  type: "user.deleted",
  event_id: "event_1",
  timestamp: "t",
  source: "admin",
  data: { user: { id: "kp_1" } },
};
const base = { type: "user.deleted", data: { user: { id: "kp_2" } } };

describe("as curl", () => {
  test("is the request in one line", () => {
    expect(asCurl(delivery)).toBe(
      "curl -i --globoff -X POST 'http://localhost:3000/api/webhook' -H 'content-type: application/jwt' -H 'webhook-id: 0123' --data-raw 'a.b.c'",
    );
  });

  test.skipIf(process.platform === "win32")("hands any body and any URL to curl as they are", () => {
    const text = fc.string({
      unit: fc.constantFrom("'", '"', "\\", "$", "`", "\n", "!", " ", "é", "-", "@", "a"),
    });
    const samples = fc.sample(fc.tuple(text, text), 60).map(([token, path]) => ({
      ...delivery,
      token: `x${token}`,
      endpoint: `http://localhost/${path}`,
    }));
    // `curl` says what it was called with.
    const script = ["curl() { printf '%s\\0' \"$@\"; }", ...samples.map((each) => asCurl(each))].join("\n");
    const words = execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0");
    const calls = samples.map((_, index) => words.slice(index * 11, (index + 1) * 11));
    expect(calls.map((call) => [call[4], call[10]])).toEqual(
      samples.map(({ endpoint, token }) => [endpoint, token]),
    );
  });

  test("is none where no token was kept, or a shell can't have it", () => {
    expect(fitsShell(delivery)).toBe(true);
    expect(fitsShell({ token: "" })).toBe(false);
    expect(fitsShell({ token: "a\0b" })).toBe(false);
  });

  test("names no webhook-id that there was not", () => {
    expect(asCurl({ ...delivery, webhookId: null })).not.toContain("webhook-id");
  });
});

describe("as a fixture", () => {
  test("is the data, with the command that emits it", () => {
    expect(asFixture(claims, base)).toEqual({
      fileName: "user.deleted.json",
      json: '{\n  "user": {\n    "id": "kp_1"\n  }\n}\n',
      command: "npx kinde-devhook emit user.deleted --data user.deleted.json --source admin",
    });
  });

  test("takes out what only the sample has, but not of an array, which is replaced whole", () => {
    const sample = { user: { id: "kp_2", phone: null, roles: [{ key: "a" }, { key: "b" }] }, more: 1 };
    const data = { user: { id: "kp_1", roles: [{}] } };
    expect(asFixture({ ...claims, data }, { type: "user.deleted", data: sample }).command).toMatch(
      / --unset 'data.user.phone' --unset 'data.more'$/,
    );
  });

  test("of a type without a sample starts from another's, and has a name that a file can have", () => {
    expect(asFixture({ ...claims, type: "new/kind'" }, base)).toMatchObject({
      fileName: "new_kind_.json",
      command: String.raw`npx kinde-devhook emit user.deleted --data new_kind_.json --set 'type="new/kind'\''"' --source admin`,
    });
  });

  test("is none of what is no event", () => {
    expect(hasEvent(claims)).toBe(true);
    const others: (JsonObject | null)[] = [null, { sub: "kp_1" }, { type: "user.created", data: null }];
    expect(others.map(hasEvent)).toEqual([false, false, false]);
  });
});

test("a test writes out what an editor would not show", () => {
  const text = asTest({ ...claims, data: { name: "a\u202eb\u2028c" } }, base);
  expect(text).toContain(String.raw`"a\u202eb\u2028c"`);
  expect(text).not.toMatch(/[\u202e\u2028]/);
});
