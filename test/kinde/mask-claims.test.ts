import { describe, expect, test } from "vitest";
import { eventFixture, eventTypes } from "../../src/kinde/event-types.ts";
import type { JsonObject } from "../../src/kinde/json.ts";
import { maskClaims } from "../../src/kinde/mask-claims.ts";
import { maskOfMember, personalMembers } from "../../src/kinde/personal-members.ts";

test.each(eventTypes.map((type) => [type, eventFixture(type).data] as const))(
  "of the sample of %s what is personal is masked, and nothing else",
  (type, data) => {
    const claims = { data, type, ip_address: "203.0.113.7" } as unknown as JsonObject;
    const masked = JSON.stringify(maskClaims(claims).claims);
    const expected = JSON.stringify(claims)
      .replaceAll(/"[a-z.]+@example.com"/g, '"[email]"')
      .replaceAll(/"(Ada|Lovelace|ada|Grace|Hopper)"/g, '"[name]"')
      .replace("203.0.113.7", "[ip]");
    expect(JSON.parse(masked)).toEqual(JSON.parse(expected));
    expect(masked).not.toMatch(/ada|lovelace|grace|hopper|203/i);
  },
);

describe("a member", () => {
  test.each([
    ["preferred_email", undefined, "[email]"],
    ["billingEmail", undefined, "[email]"],
    ["emails", undefined, "[email]"],
    ["is_email_verified", undefined, undefined],
    ["phoneNumber", undefined, "[phone]"],
    ["last_login_ip", undefined, "[ip]"],
    ["ipv4", undefined, "[ip]"],
    ["zip", undefined, "[address]"],
    ["membership", undefined, undefined],
    ["address_line2", undefined, "[address]"],
    ["address_line_12", undefined, "[address]"],
    ["familyName", undefined, "[name]"],
    ["name", "user", "[name]"],
    ["name", "contacts", "[name]"],
    ["name", undefined, "[name]"],
    ["name", "organization", undefined],
    ["name", "organizations", undefined],
    ["name", "properties", undefined],
    ["display_name", "role", undefined],
    ["customer_name", undefined, "[name]"],
    ["plan_name", undefined, undefined],
    ["first_name", "organization", "[name]"],
    ["user_id", undefined, undefined],
    ["org_code", undefined, undefined],
  ])("%s of %s is masked as %s", (name, holder, mask) => {
    expect(maskOfMember(name, holder)).toBe(mask);
  });

  test.each(personalMembers.flatMap(({ mask, names }) => names.map((name) => [name, mask] as const)))(
    "%s is masked as %s, as the table says",
    (name, mask) => {
      expect(maskOfMember(name, "user")).toBe(mask);
    },
  );
});

describe("claims", () => {
  test("tell of a person anywhere: a personal organization is named after its owner", () => {
    const { claims } = maskData({
      user: { last_name: "Lovelace" },
      organization: { name: "Lovelace Ltd", handle: "lovelace", code: "org_590d7f1a86a" },
    });
    expect(claims["data"]).toEqual({
      user: { last_name: "[name]" },
      organization: { name: "[name] Ltd", handle: "[name]", code: "org_590d7f1a86a" },
    });
  });

  test("may hold lists, objects and numbers where a text is personal", () => {
    const { claims } = maskData({
      user: { phones: [61412345678, { type: "mobile", number: "0412 345 678" }], email: null },
    });
    expect(claims["data"]).toEqual({
      user: { phones: ["[phone]", { type: "mobile", number: "[phone]" }], email: null },
    });
  });

  test("keep what every event has, and the names of their members, whatever a user is called", () => {
    const claims = { data: { user: { username: "user", email: "" } }, source: "user", type: "user.created" };
    expect(maskClaims(claims).claims).toEqual({
      ...claims,
      data: { user: { username: "[name]", email: "" } },
    });
  });

  test("may have a name of very many digits, which takes no longer than another", () => {
    const name = `${"1".repeat(100_000)}x`;
    expect(maskData({ [name]: "x" }).claims["data"]).toEqual({ [name]: "x" });
  });

  test("that are very deep are masked as a whole from some depth on", () => {
    const deep = JSON.parse(`${'{"a":'.repeat(10_000)}"x"${"}".repeat(10_000)}`) as JsonObject;
    expect(JSON.stringify(maskClaims(deep).claims)).toContain('"[masked]"');
  });
});

function maskData(data: JsonObject): ReturnType<typeof maskClaims> {
  return maskClaims({ data });
}
