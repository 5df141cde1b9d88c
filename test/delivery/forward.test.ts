import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  assertDistinct,
  endpointOf,
  parseForward,
  parseWebhook,
  type Forward,
  wants,
} from "../../src/delivery/forward.ts";
import { DevhookError } from "../../src/kinde/errors.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";

const userTypes = eventTypes.filter((type) => type.startsWith("user."));

describe("an address", () => {
  test.each([
    ["3000", "http://localhost:3000/api/webhook"],
    ["3000/", "http://localhost:3000/"],
    ["3000/hooks/kinde?x=1", "http://localhost:3000/hooks/kinde?x=1"],
    ["/api/kinde", "http://localhost:3000/api/kinde"],
    ["/", "http://localhost:3000/"],
    ["localhost:8080", "http://localhost:8080/api/webhook"],
    ["app.localhost:8080/x", "http://app.localhost:8080/x"],
    ["my-app.test:8080/x/", "http://my-app.test:8080/x/"],
    ["127.0.0.1:8080/x", "http://127.0.0.1:8080/x"],
    ["[::1]:8080/x", "http://[::1]:8080/x"],
    ["http://localhost:3000", "http://localhost:3000/"],
    ["https://example.com/a%20b?c=d", "https://example.com/a%20b?c=d"],
    ["HTTP://LOCALHOST:3000/Path", "http://localhost:3000/Path"],
    ["http://localhost:3000/x#part", "http://localhost:3000/x"],
    ["http://localhost:3000/?redirect=user.created", "http://localhost:3000/?redirect=user.created"],
  ])("%s is %s", (text, endpoint) => {
    const forward = parseForward(text, "--to");
    expect(endpointOf(forward).href).toBe(endpoint);
    expect(forward).toMatchObject({ text, eventTypes });
    const webhook = parseWebhook(text, "--webhook");
    expect(endpointOf(webhook).href).toBe(endpoint);
    expect(webhook.eventTypes).toEqual(eventTypes);
  });

  test.each([
    ["3000", false],
    ["localhost:3000", false],
    ["3000/", true],
    ["/x", true],
    ["http://localhost:3000", true],
  ])("%s has a path of its own: %s", (text, hasPath) => {
    expect(parseForward(text, "--to").hasPath).toBe(hasPath);
  });

  test.each([
    "",
    " ",
    "0",
    "65536",
    "-1",
    "3000x",
    "localhost",
    "example.com/hook",
    "hello world",
    "localhost:0",
    "localhost:99999/x",
    "http://",
    "http://localhost:3000:4000",
    "http://[::1",
    "ftp://localhost/x",
    "file:///etc/passwd",
    "javascript://x",
  ])("%j is ERR_INVALID_OPTION that names the option", (text) => {
    expect(() => parseForward(text, "--to")).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_OPTION", option: "--to" }),
    );
    expect(() => parseWebhook(text, "--webhook")).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_OPTION", option: "--webhook" }),
    );
  });

  test("with user or password is refused, and not repeated", () => {
    for (const text of ["http://ada:secret@localhost:3000/", "http://secret@localhost:3000/"]) {
      expect(() => parseForward(text, "--to")).toThrow(
        expect.objectContaining({
          code: "ERR_INVALID_OPTION",
          message: expect.not.stringContaining("secret"),
        }),
      );
    }
  });
});

describe("event types", () => {
  test.each([
    ["user.created=3000", "http://localhost:3000/api/webhook", ["user.created"]],
    ["user.*=/hooks/users", "http://localhost:3000/hooks/users", userTypes],
    ["*=http://localhost:4000/x?a=b", "http://localhost:4000/x?a=b", eventTypes],
    ["role.created,user.created=3000", "http://localhost:3000/api/webhook", ["role.created", "user.created"]],
    ["user.created=/x=y", "http://localhost:3000/x=y", ["user.created"]],
  ])("stand before the address of a forward: %s", (text, endpoint, wanted) => {
    const forward = parseForward(text, "--to");
    expect(endpointOf(forward).href).toBe(endpoint);
    expect(forward.eventTypes).toEqual(wanted);
  });

  test.each([
    ["http://localhost:3000/x=user.created", "http://localhost:3000/x", ["user.created"]],
    ["3000=user.*", "http://localhost:3000/api/webhook", userTypes],
    ["/a=b=*", "http://localhost:3000/a=b", eventTypes],
    ["3000=role.created,user.created", "http://localhost:3000/api/webhook", ["role.created", "user.created"]],
    ["http://localhost:3000/x?a=user.created", "http://localhost:3000/x?a=user.created", eventTypes],
  ])("stand after the URL of a webhook: %s", (text, endpoint, wanted) => {
    const webhook = parseWebhook(text, "--webhook");
    expect(endpointOf(webhook).href).toBe(endpoint);
    expect(webhook.eventTypes).toEqual(wanted);
  });

  test("that Kinde does not have are named with the nearest", () => {
    const unknown = expect.objectContaining({
      code: "ERR_UNKNOWN_EVENT_TYPE",
      closest: "user.created",
    }) as Error;
    expect(() => parseForward("user.create=3000", "--to")).toThrow(unknown);
    expect(() => parseWebhook("3000=user.create", "--webhook")).toThrow(unknown);
  });

  test.each([
    ["a forward", () => parseForward("=3000", "--to"), "ERR_INVALID_OPTION"],
    ["a webhook", () => parseWebhook("3000=", "--webhook"), "ERR_UNKNOWN_EVENT_TYPE"],
    ["a forward without an address", () => parseForward("user.*=", "--to"), "ERR_INVALID_OPTION"],
  ])("can't be left out beside the equals sign of %s", (_, parse, code) => {
    expect(parse).toThrow(expect.objectContaining({ code }));
  });
});

describe("any text at all", () => {
  const address = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc
      .tuple(
        fc.constantFrom("", "user.*=", "http://", "https://", "//"),
        fc.constantFrom("", "localhost", "127.0.0.1", "[::1]", "é.test", "a b"),
        fc.constantFrom("", ":", ":3000", ":0", ":70000", "3000"),
        fc.oneof(fc.constant(""), fc.webPath(), fc.string()),
      )
      .map((parts) => parts.join("")),
  );
  const parsers = [parseForward, parseWebhook] as const;

  test("is refused with a code, or has an http endpoint that is read again as itself", () => {
    fc.assert(
      fc.property(address, fc.constantFrom(...parsers), (text, parser) => {
        const forward = parsed(() => parser(text, "--to"));
        if (forward === undefined) return;
        const endpoint = endpointOf(forward);
        expect(endpoint.protocol).toMatch(/^https?:$/);
        expect(endpoint.hash).toBe("");
        expect(forward.eventTypes.length).toBeGreaterThan(0);
        // What answered 200 is remembered by its URL.
        expect(endpointOf(parseForward(endpoint.href, "--to")).href).toBe(endpoint.href);
      }),
      { numRuns: 1_000 },
    );
  });

  function parsed(parse: () => Forward): Forward | undefined {
    try {
      return parse();
    } catch (error) {
      if (error instanceof DevhookError) return undefined;
      throw error;
    }
  }
});

describe("several endpoints", () => {
  test.each([
    ["one address twice", ["3000", "localhost:3000"]],
    ["one address twice, in other words", ["http://localhost:3000/x", "3000/x"]],
    ["one pattern and address twice", ["user.*=3000", "user.*=3000"]],
  ])("are refused for %s", (_, texts) => {
    const forwards = texts.map((text) => parseForward(text, "--to"));
    expect(() => assertDistinct(forwards, "--to")).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_OPTION", option: "--to" }),
    );
  });

  test.each([
    ["other paths", ["3000/a", "3000/b"]],
    ["other event types", ["user.*=3000", "role.*=3000"]],
  ])("are taken for %s", (_, texts) => {
    expect(() =>
      assertDistinct(
        texts.map((text) => parseForward(text, "--to")),
        "--to",
      ),
    ).not.toThrow();
  });
});

test("a forward that keeps the path that came differs from one with a path, but not from itself", () => {
  const read = (...texts: string[]): void =>
    assertDistinct(
      texts.map((text) => parseForward(text, "--forward")),
      "--forward",
      { isPathKept: true },
    );
  expect(() => read("3000", "3000/api/webhook")).not.toThrow();
  expect(() => read("3000", "http://localhost:3000")).toThrow(
    expect.objectContaining({ code: "ERR_INVALID_OPTION" }),
  );
});

test("the same endpoint is the same however it is written", () => {
  const read = (...texts: string[]): void =>
    assertDistinct(
      texts.map((text) => parseForward(text, "--to")),
      "--to",
    );
  expect(() => read("3000", "3000/api/webhook")).toThrow(
    expect.objectContaining({ code: "ERR_INVALID_OPTION" }),
  );
  expect(() => read("3000", "http://localhost:3000/")).not.toThrow();
  expect(() => read("user.*=3000", "role.*=3000")).not.toThrow();
});

test("a webhook written the other way round names the way", () => {
  expect(() => parseWebhook("user.*=http://localhost:3000/x", "--webhook")).toThrow(
    "http://localhost:3000/x=user.*",
  );
});

describe("what a forward wants", () => {
  const unknown = "subscription.started";

  test.each<[text: string, type: string | undefined, isWanted: boolean]>([
    // A plain one wants all: also what this version does not know, and what is no event.
    ["3000", "user.created", true],
    ["3000", unknown, true],
    ["3000", undefined, true],
    ["user.*=3000", "user.created", true],
    ["user.*=3000", "role.created", false],
    ["user.*=3000", "user.levitated", true],
    ["user.*=3000", "users.created", false],
    ["user.*=3000", undefined, false],
    ["*=3000", unknown, true],
    ["*=3000", undefined, false],
    ["*.created=3000", "subscription.created", true],
    ["*.created=3000", unknown, false],
    ["user.created,role.*=3000", "user.created", true],
    ["user.created,role.*=3000", "role.borrowed", true],
    ["user.created,role.*=3000", "user.deleted", false],
    ["user.created=3000", "user.created.v2", false],
    ["user.created=3000", "", false],
  ])("%s, of %s: %s", (text, type, isWanted) => {
    expect(wants(parseForward(text, "--forward"), type)).toBe(isWanted);
  });

  test("is, of the event types there are, what its pattern names", () => {
    for (const text of ["3000", "user.*=3000", "*.deleted,role.created=3000", "*=3000"]) {
      const forward = parseForward(text, "--forward");
      expect(eventTypes.filter((type) => wants(forward, type))).toEqual([...forward.eventTypes].sort());
    }
  });
});

test.each([
  ["3000", true],
  ["localhost:3000", true],
  ["http://localhost:3000", true],
  ["https://app.example.com", true],
  ["3000/", false],
  ["/api/webhook", false],
  ["http://localhost:3000/", false],
  ["http://localhost:3000/api/webhook", false],
  ["http://localhost:3000?tenant=1", false],
])("what is relayed to %s keeps the path that came: %s", (text, keepsPath) => {
  expect(parseForward(text, "--forward").keepsPath).toBe(keepsPath);
});
