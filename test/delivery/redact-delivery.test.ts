import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { redactDelivery } from "../../src/delivery/redact-delivery.ts";
import type { EventType } from "../../src/kinde/event-data.ts";
import { eventFixture, eventTypes } from "../../src/kinde/event-types.ts";
import type { JsonObject } from "../../src/kinde/json.ts";
import { maskOfMember } from "../../src/kinde/personal-members.ts";
import { sampleAttempt, sampleDelivery } from "./sample-delivery.ts";

const ids = /(?:kp|org|event|agreement|customer|subscriber|passkey)_[\da-f]+/g;

/** Values that a person may have, none of which stands by chance in what a delivery says beside. */
const word = fc
  .string({ unit: fc.constantFrom(...Array.from("qxzwvkjQXZéßöø李Ж'")), minLength: 3, maxLength: 12 })
  .filter((text) => /\p{L}{2}/u.test(text));
const values = fc.record({
  "[email]": fc
    .tuple(word, fc.emailAddress())
    .map(([start, address]) => `${start.replaceAll("'", "")}.${address}`),
  "[name]": fc.oneof(
    word,
    fc.tuple(word, word).map((both) => both.join(" ")),
  ),
  "[phone]": fc.integer({ min: 10_000_000, max: 99_999_999_999 }).map((digits) => `+${digits}`),
  "[ip]": fc.oneof(
    fc.ipV4().filter((ip) => !/^(?:127\.|0\.0\.0\.0$)/.test(ip)),
    fc.constant("2001:db8::17"),
  ),
});

describe("whatever personal values an event of any type holds, none of them is anywhere in its redacted delivery", () => {
  test.each(eventTypes)("%s", (type) => {
    fc.assert(
      fc.property(values, (personal) => {
        const claims = claimsWith(personal, type);
        const said = Object.values(personal);
        const delivery = sampleDelivery({
          token: tokenOf(claims),
          attempts: [echoing(said, tokenOf(claims))],
        });
        const json = JSON.stringify(redactDelivery(delivery));
        for (const value of said) {
          for (const form of [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)]) {
            expect(json.toLowerCase()).not.toContain(form.toLowerCase());
          }
        }
        expect(json).not.toContain(tokenOf(claims).slice(10, 40));
        expect(json.match(ids)).toEqual(expect.arrayContaining(JSON.stringify(claims).match(ids) ?? []));
      }),
      { numRuns: 30 },
    );
  });
});

describe("a redacted delivery", () => {
  const delivery = sampleDelivery({
    endpoint: "http://127.0.0.1:3000/hook?by=ada@example.com",
    token: tokenOf({ data: { user: { email: "ada@example.com", first_name: "Ada" } } }),
    attempts: [
      sampleAttempt({
        error: { code: "ERR_TIMEOUT", message: "no answer for Ada" },
        request: {
          method: "POST",
          url: "http://127.0.0.1:3000/hook/Ada?by=ada%40example.com",
          headers: {
            "x-forwarded-for": "203.0.113.7, 127.0.0.1",
            forwarded: "for=198.51.100.7",
            "x-real-ip": "2001:db8::7",
          },
        },
        response: { headers: { location: "/u/ada" }, body: '{"to":"ada@example.com"', truncated: true },
      }),
    ],
  });

  test("says what it is, holds no token, and is otherwise what it was", () => {
    expect(redactDelivery(delivery)).toEqual({
      ...delivery,
      endpoint: "http://127.0.0.1:3000/hook?by=[email]",
      token: "",
      isRedacted: true,
      claims: { data: { user: { email: "[email]", first_name: "[name]" } } },
      attempts: [
        {
          ...delivery.attempts[0],
          error: { code: "ERR_TIMEOUT", message: "no answer for [name]" },
          request: {
            method: "POST",
            url: "http://127.0.0.1:3000/hook/[name]?by=[email]",
            headers: { "x-forwarded-for": "[ip], 127.0.0.1", forwarded: "for=[ip]", "x-real-ip": "[ip]" },
          },
          response: { headers: { location: "/u/[name]" }, body: '{"to":"[email]"', truncated: true },
        },
      ],
    });
  });

  test("is not redacted again: what it was made of is not there any more", () => {
    const once = redactDelivery(delivery);
    expect(redactDelivery(once)).toBe(once);
    const fromHistory = JSON.parse(JSON.stringify(once)) as Delivery;
    expect(redactDelivery(fromHistory)).toEqual(once);
  });

  test("is made once for all who ask for it", () => {
    expect(redactDelivery(delivery)).toBe(redactDelivery(delivery));
  });

  test("keeps URLs of its endpoint, whatever is masked in them", () => {
    const claims = { data: { user: { first_name: "x".repeat(2_000), address: "/hook" } } };
    const { endpoint } = redactDelivery({ ...delivery, token: tokenOf(claims) });
    expect(new URL(endpoint).origin).toBe("http://127.0.0.1:3000");
  });

  test("whose endpoint somebody has made no URL is masked as any other text", () => {
    const edited = { ...delivery, endpoint: "my app, of ada@example.com", attempts: [] };
    expect(redactDelivery(edited)).toMatchObject({ endpoint: "my app, of [email]" });
  });

  test("of a body that is no token tells nothing of it, and masks what its members say of a person", () => {
    const body = JSON.stringify({ first_name: "Ada", phone: "0412 345 678" });
    const attempts = [
      sampleAttempt({ response: { headers: {}, body: `got ${body} of Ada`, truncated: false } }),
    ];
    const redacted = redactDelivery(sampleDelivery({ event: null, token: body, attempts }));
    expect(redacted).not.toHaveProperty("claims");
    expect(JSON.stringify(redacted)).not.toMatch(/Ada|0412/);
  });
});

const memberOf: Readonly<Record<string, string>> = {
  "[email]": "email",
  "[name]": "first_name",
  "[phone]": "phone",
  "[ip]": "ip_address",
};

/** The claims of a type with the values wherever a member tells of a person, and in a text of another kind. */
function claimsWith(personal: Readonly<Record<string, string>>, type: EventType): JsonObject {
  const { data } = eventFixture(type);
  const replaced = JSON.parse(JSON.stringify(data), (name, member: unknown) => {
    const mask = name === "name" ? undefined : maskOfMember(name, undefined);
    return typeof member === "string" && mask !== undefined ? personal[mask] : member;
  }) as JsonObject;
  const members = Object.entries(personal).map(([mask, text]) => [memberOf[mask], text]);
  const note = `of ${Object.values(personal).join(" and ")}`;
  return { type, note, data: { ...replaced, other: Object.fromEntries(members) as JsonObject } };
}

function tokenOf(claims: JsonObject): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;
}

/** An attempt whose app says everything it was told, in each way. */
function echoing(said: readonly string[], token: string): Delivery["attempts"][number] {
  const text = said.join(" | ");
  const encoded = said.map(encodeURIComponent).join("&");
  return sampleAttempt({
    error: { code: "ERR_TIMEOUT", message: text },
    request: {
      method: "POST",
      url: `http://127.0.0.1:3000/hook?q=${encoded}`,
      headers: { "x-for": text, "x-token": token },
    },
    response: {
      headers: { "x-echo": encoded, "x-bytes": Buffer.from(text).toString("latin1") },
      body: JSON.stringify({ text, said, nested: JSON.stringify(said), upper: text.toUpperCase(), token }),
      truncated: false,
    },
  });
}
