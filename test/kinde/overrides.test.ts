import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isUserError } from "../../src/kinde/errors.ts";
import type { JsonObject, JsonValue } from "../../src/kinde/json.ts";
import {
  applyOverrides,
  parseAssignment,
  type Overrides,
  type OverrideWarning,
} from "../../src/kinde/overrides.ts";

const plainJson = fc
  .jsonValue()
  .filter((value) => !/__proto__|constructor|prototype/.test(JSON.stringify(value)));
const invalidPath = expect.objectContaining({ code: "ERR_INVALID_PATH" }) as Error;

/** The claims of a user with one organization. */
function createClaims(): JsonObject {
  return {
    data: {
      user: {
        email: "ada@example.com",
        organizations: [{ code: "org_590d7f1a86a", permissions: null, roles: [{ id: "1", key: "editor" }] }],
        phone: null,
      },
    },
    event_id: "event_0",
    source: "api",
    timestamp: "2026-08-01T00:00:00.000Z",
    type: "user.updated",
  };
}

function apply(overrides: Overrides): JsonObject {
  return applyOverrides(createClaims(), overrides);
}

function warningsOf(overrides: Overrides): OverrideWarning[] {
  const warnings: OverrideWarning[] = [];
  applyOverrides(createClaims(), overrides, (warning) => warnings.push(warning));
  return warnings;
}

function isRefused(overrides: Overrides): boolean {
  try {
    apply(overrides);
    return false;
  } catch (error) {
    if (isUserError(error) && error.code === "ERR_INVALID_PATH") return true;
    throw error;
  }
}

function nested(depth: number): JsonObject {
  let value: JsonObject = {};
  for (let level = 0; level < depth; level++) value = { a: value };
  return value;
}

describe("set", () => {
  test.each<[path: string, place: (string | number)[]]>([
    ["timestamp", ["timestamp"]],
    ["data", ["data"]],
    ["data.user.email", ["data", "user", "email"]],
    ["user.email", ["data", "user", "email"]],
    ["user.organizations[0].code", ["data", "user", "organizations", 0, "code"]],
    ["user.organizations.0.code", ["data", "user", "organizations", 0, "code"]],
    ["user.organizations[0].roles[0].key", ["data", "user", "organizations", 0, "roles", 0, "key"]],
    ["user.organizations[1]", ["data", "user", "organizations", 1]],
    ["user.organizations[1].code", ["data", "user", "organizations", 1, "code"]],
    ["user.phone.country", ["data", "user", "phone", "country"]],
    ["user.organizations[0].permissions[0].id", ["data", "user", "organizations", 0, "permissions", 0, "id"]],
    ["ip_address", ["ip_address"]],
    ["order.lines[0][0].sku", ["data", "order", "lines", 0, 0, "sku"]],
    ["toString", ["data", "toString"]],
  ])("puts the value of %s where the path leads", (path, place) => {
    expect(apply({ set: { [path]: "new" } })).toHaveProperty(place, "new");
  });

  test("puts any JSON value at a path, and nothing anywhere else", () => {
    const paths = ["user.email", "user.organizations", "user.organizations[0].code", "timestamp"] as const;
    const original = createClaims();
    const { user } = original["data"] as { user: { email: string; organizations: { code: string }[] } };
    const originals = [user.email, user.organizations, user.organizations[0]!.code, original["timestamp"]];
    fc.assert(
      fc.property(fc.nat(3), plainJson, (chosen, value) => {
        const path = paths[chosen]!;
        const changed = apply({ set: { [path]: value } });
        expect(applyOverrides(changed, { set: { [path]: originals[chosen] } })).toEqual(original);
      }),
    );
  });

  test("applies several values in their order", () => {
    const applied = apply({ set: { "user.phone": { country: "AU" }, "user.phone.number": 1 } });
    expect(applied).toHaveProperty("data.user.phone", { country: "AU", number: 1 });
  });

  test("leaves the sample's value where a library call gives `undefined`", () => {
    expect(apply({ set: { "user.email": undefined } })).toEqual(createClaims());
  });

  test.each([
    ["leads through text", "user.email.domain"],
    ["names a part of an array that is no index", "user.organizations.code"],
    ["leaves a gap in an array", "user.organizations[2]"],
    ["leaves a gap in an array it makes", "user.phone[1]"],
    ["has an empty part", "user..email"],
    ["ends in a dot", "user."],
    ["starts with an index", "[0].code"],
    ["is empty", ""],
    ["has more than 64 parts", Array.from({ length: 65 }, () => "a").join(".")],
  ])("refuses a path that %s", (_what, path) => {
    expect(() => apply({ set: { [path]: "x" } })).toThrow(invalidPath);
  });

  test("takes a path of 64 parts and a value 64 levels deep, and no deeper", () => {
    expect(() => apply({ set: { [Array.from({ length: 64 }, () => "a").join(".")]: 1 } })).not.toThrow();
    expect(() => apply({ set: { extra: nested(64) } })).not.toThrow();
    expect(() => apply({ set: { extra: nested(65) } })).toThrow(invalidPath);
    expect(() => apply({ data: nested(65) })).toThrow(invalidPath);
  });

  test("refuses a value that contains itself", () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect(() => apply({ set: { "user.phone": circle } })).toThrow(invalidPath);
  });
});

describe("unset", () => {
  test("removes a key", () => {
    expect(apply({ unset: ["user.email", "source"] })).toEqual({
      ...createClaims(),
      source: undefined,
      data: { user: { ...(createClaims()["data"] as { user: JsonObject }).user, email: undefined } },
    });
    expect(apply({ unset: ["source"] })).not.toHaveProperty("source");
  });

  test("removes an item of an array and closes the gap", () => {
    const set = { "user.organizations": ["a", "b", "c"] };
    expect(apply({ set, unset: ["user.organizations[1]"] })).toHaveProperty("data.user.organizations", [
      "a",
      "c",
    ]);
  });

  test.each([
    "user.nothing",
    "user.nothing.more",
    "user.phone.country",
    "user.email.domain",
    "user.organizations[1]",
    "user.organizations.code",
    "user.toString",
    "ip_address",
  ])("leaves all as it is and warns when there is no %s", (path) => {
    expect(apply({ unset: [path] })).toEqual(createClaims());
    expect(warningsOf({ unset: [path] })).toMatchObject([{ code: "WARN_UNKNOWN_PATH", path }]);
  });
});

describe("data", () => {
  test("is merged deeply; arrays and null replace", () => {
    const data = { user: { phone: { country: "AU" }, organizations: [], email: null }, note: "x" };
    expect(apply({ data })["data"]).toEqual(data);
    expect(apply({ data: { user: { phone: "1" } } })).toHaveProperty("data.user.email", "ada@example.com");
  });

  test("leaves the claims beside it alone", () => {
    const { data, ...others } = apply({ data: { type: "x", timestamp: "y" } });
    expect(others).toEqual({ ...createClaims(), data: undefined });
    expect(data).toMatchObject({ type: "x", timestamp: "y" });
  });

  test("may bring keys that the sample does not have, without a warning", () => {
    expect(warningsOf({ data: { user: { nickname: "Ada" } } })).toEqual([]);
  });

  test("makes the same claims when it is merged twice", () => {
    const data = fc.dictionary(fc.constantFrom("user", "a", "b"), plainJson);
    fc.assert(
      fc.property(data, (patch) => {
        const overrides = { data: patch as JsonObject };
        expect(applyOverrides(apply(overrides), overrides)).toEqual(apply(overrides));
      }),
    );
  });
});

describe("a path the sample does not have", () => {
  test.each([
    ["user.emial", "user.email"],
    ["user.organizations[0].cod", "user.organizations[0].code"],
    ["user.organizations[0].roles[0].keys", "user.organizations[0].roles[0].key"],
    ["data.user.fone", "user.phone"],
    ["timestmp", "timestamp"],
    ["User.email", "user.email"],
    ["something.else.altogether", undefined],
  ])("%s is told, and %s is named as the nearest", (path, closest) => {
    const [warning, ...others] = warningsOf({ set: { [path]: 1 } });
    expect(warning).toMatchObject({ code: "WARN_UNKNOWN_PATH", path, closest });
    expect(warning?.message).toContain(closest ?? path);
    expect(others).toEqual([]);
  });

  test.each([
    ["the next item of an array", "user.organizations[1]"],
    ["a key of the next item", "user.organizations[1].code"],
    ["what a null may stand for", "user.phone.country"],
    ["what the sample has", "user.organizations[0].roles[0].key"],
  ])("is not %s", (_what, path) => {
    expect(warningsOf({ set: { [path]: 1 } })).toEqual([]);
  });
});

describe("keys that reach into JavaScript's prototypes", () => {
  test.each([
    "__proto__",
    "__proto__.polluted",
    "user.__proto__.polluted",
    "data.__proto__.polluted",
    "user.organizations[0].__proto__.polluted",
    "user.organizations.__proto__.polluted",
    "constructor.prototype.polluted",
    "user.constructor",
    "user.prototype",
  ])("are refused in the path %s", (path) => {
    expect(() => apply({ set: { [path]: true } })).toThrow(invalidPath);
    expect(() => apply({ unset: [path] })).toThrow(invalidPath);
    expect({}).not.toHaveProperty("polluted");
  });

  test.each([
    '{"__proto__":{"polluted":true}}',
    '{"user":{"__proto__":{"polluted":true}}}',
    '{"user":{"organizations":[{"__proto__":{"polluted":true}}]}}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    '{"user":{"prototype":1}}',
  ])("are refused in the value %s", (json) => {
    const value = JSON.parse(json) as JsonObject;
    expect(() => apply({ data: value })).toThrow(invalidPath);
    expect(() => apply({ set: { "user.phone": value } })).toThrow(invalidPath);
    expect(() => apply({ set: { "user.organizations": [[value]] } })).toThrow(invalidPath);
    expect({}).not.toHaveProperty("polluted");
  });

  test("never change Object.prototype, wherever they stand", () => {
    const before = Reflect.ownKeys(Object.prototype);
    const key = fc.constantFrom("__proto__", "constructor", "prototype", "toString", "user", "a");
    // As text, for an object literal would take `__proto__` as its prototype.
    const { value: anyValue } = fc.letrec<{ value: string }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constant("true"),
        fc.array(tie("value"), { maxLength: 2 }).map((items) => `[${items.join(",")}]`),
        fc
          .array(fc.tuple(key, tie("value")), { maxLength: 3 })
          .map((members) => `{${members.map(([name, value]) => `"${name}":${value}`).join(",")}}`),
      ),
    }));
    const path = fc.array(key, { minLength: 1, maxLength: 4 }).map((keys) => keys.join("."));
    fc.assert(
      fc.property(path, anyValue, (place, text) => {
        const value = JSON.parse(text) as JsonValue;
        for (const overrides of [{ set: { [place]: value } }, { data: { user: value } }]) {
          const isForbidden = /__proto__|constructor|prototype/.test(JSON.stringify(overrides));
          expect(isRefused(overrides)).toBe(isForbidden);
        }
        expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
      }),
    );
  });
});

describe("parseAssignment", () => {
  test.each<[text: string, path: string, value: JsonValue]>([
    ["user.email=ada@example.com", "user.email", "ada@example.com"],
    ["a=42", "a", 42],
    ['a="42"', "a", "42"],
    ["a=true", "a", true],
    ["a=null", "a", null],
    ["a=", "a", ""],
    ["a= 1", "a", 1],
    ["a=b=c", "a", "b=c"],
    ["a==", "a", "="],
    ['a={"b":[1]}', "a", { b: [1] }],
    ["a={b:1}", "a", "{b:1}"],
    ["a=0123", "a", "0123"],
    ["a=+61 400", "a", "+61 400"],
    ["a=Zoë", "a", "Zoë"],
  ])("reads %s", (text, path, value) => {
    expect(parseAssignment(text, "--set")).toEqual([path, value]);
  });

  test.each(["", "user.email", "=value", "="])("refuses %j", (text) => {
    expect(() => parseAssignment(text, "--set")).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_OPTION", option: "--set", got: JSON.stringify(text) }),
    );
  });

  test("gives back any value that was written as JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.stringify(value);
        expect(parseAssignment(`a.b=${json}`, "--set")).toEqual(["a.b", JSON.parse(json)]);
      }),
    );
  });
});

test("pairs keep their order where an object would not", () => {
  const claims = applyOverrides(
    { data: { user: { email: "x" } } },
    {
      set: [
        ["user.email", "a"],
        ["user", { id: "kp" }],
        ["user.email", "b"],
      ],
    },
  );
  expect(claims).toEqual({ data: { user: { email: "b", id: "kp" } } });
});

test("a name without its way is told the way", () => {
  const warnings: (string | undefined)[] = [];
  applyOverrides({ data: { user: { email: "x" } } }, { set: { email: "y" } }, (warning) =>
    warnings.push(warning.closest),
  );
  expect(warnings).toEqual(["user.email"]);
});
