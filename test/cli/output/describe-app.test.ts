import { expect, test } from "vitest";
import { describeApp } from "../../../src/cli/output/describe-app.ts";

const url = "http://localhost:3000";
const startedAt = "2026-01-02T03:04:05.000Z";
const down = {
  state: "down",
  url,
  cause: `nothing listens at ${url}`,
  startedAt,
  endedAt: null,
  downMs: 0,
} as const;
const holding = { holdMs: 10_000, isShielded: false };
const plain = (_colour: unknown, text: string): string => text;

test("an app that is down is told with what happens to a webhook meanwhile", () => {
  expect(describeApp(down, holding, plain)).toMatch(
    /^\d\d:\d\d:\d\d {2}✕ app down {2}nothing listens at http:\/\/localhost:3000: a webhook waits up to 10 s for it, then Kinde gets 502 and tries again$/,
  );
});

test("without a hold it is told that a webhook does not wait", () => {
  expect(describeApp(down, { ...holding, holdMs: 0 }, plain)).toMatch(
    /: until something does, Kinde gets 502 and tries again$/,
  );
});

test("behind a shield webhooks are kept", () => {
  expect(describeApp(down, { ...holding, isShielded: true }, plain)).toMatch(/: webhooks are kept here/);
});

test("an app that is up again is told with how long it was not", () => {
  const up = { ...down, state: "up", endedAt: startedAt, downMs: 12_345 } as const;
  expect(describeApp(up, holding, plain)).toMatch(/✓ app up again {2}http:\/\/localhost:3000 {2}after 12 s$/);
});
