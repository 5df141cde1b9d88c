import { expect, test } from "vitest";
import { claimsOf } from "../../src/delivery/claims-of.ts";
import { redactDelivery } from "../../src/delivery/redact-delivery.ts";
import { createQuery } from "../../src/history/delivery-filter.ts";
import { summarize } from "../../src/inspector/summarize.ts";
import { sampleDelivery } from "./sample-delivery.ts";

function tokenOf(claims: string): string {
  return `${Buffer.from('{"alg":"RS256"}').toString("base64url")}.${Buffer.from(claims).toString("base64url")}.c2ln`;
}

const levels = 100_000;
const tooDeep = sampleDelivery({
  token: tokenOf(`{"data":{"email":"ada@example.com","a":${"[".repeat(levels)}${"]".repeat(levels)}}}`),
});

test("claims are what a token says", () => {
  const nested = `{"data":${"[".repeat(100)}1${"]".repeat(100)}}`;
  expect(claimsOf({ token: tokenOf(nested) })).toEqual(JSON.parse(nested));
  expect(claimsOf({ token: "no token" })).toBeUndefined();
});

test("claims that are nested too deeply are none: nothing that looks through them overflows the stack", () => {
  expect(claimsOf(tooDeep)).toBeUndefined();
  expect(summarize(tooDeep).about).toEqual([]);
  expect(createQuery({ email: "ada" }).where!(tooDeep)).toBe(false);
});

test("those of a redacted delivery are masked as a whole where they are too deep, and can be looked through", () => {
  const redacted = redactDelivery(tooDeep);
  expect(claimsOf(redacted)).toMatchObject({ data: { email: "[email]" } });
  expect(JSON.stringify(redacted)).toContain("[masked]");
});
