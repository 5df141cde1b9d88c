import { describe, expect, test } from "vitest";
import {
  DevhookError,
  exportPrivateJwk,
  startMockKinde as startTypedMockKinde,
  type MockKinde,
} from "../../src/index.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { ask } from "../issuer/ask.ts";
import { circle, refusalOf, refused, type Row, type Untyped } from "./refusal.ts";

const startMockKinde = startTypedMockKinde as Untyped<Promise<MockKinde>>;
const url = "http://127.0.0.1:9/api/webhook";

describe("startMockKinde refuses", () => {
  const hook = (webhook: unknown): readonly [{ readonly webhooks: readonly unknown[] }] => [
    { webhooks: [{ endpoint: url }, webhook] },
  ];
  const publicJwk = { ...signingKey.publicJwk };
  const rows: readonly Row[] = [
    ["options of startMockKinde", "null", "an object", [null]],
    ["options of startMockKinde", '"http', "an object", ["http://localhost:3000"]],
    ["options of startMockKinde", "[]", "an object", [[]]],
    ["options of startMockKinde", '"webhook"', "webhooks, port", [{ webhook: [] }]],
    ["webhooks of startMockKinde", "{}", "an array", [{ webhooks: {} }]],
    ["webhooks of startMockKinde", `"${url}"`, "an array", [{ webhooks: url }]],
    ["webhooks[0]", "null", "an object", [{ webhooks: [null] }]],
    ["webhooks[0]", "nothing", "{ endpoint, eventTypes }", [{ webhooks: Array(1) }]],
    ["webhooks[1]", `"${url}"`, "{ endpoint, eventTypes }", hook(url)],
    ["webhooks[1]", "URL", "{ endpoint, eventTypes }", hook(new URL(url))],
    ["options of startMockKinde", '"seed". Did you mean "randomSeed"?', "port", [{ seed: 1 }]],
    ["webhooks[1]", '"events"', "endpoint, eventTypes", hook({ endpoint: url, events: [] })],
    ["endpoint of webhooks[1]", "nothing", "a URL of http or https", hook({})],
    ["endpoint of webhooks[1]", '"/api/webhook"', "a URL", hook({ endpoint: "/api/webhook" })],
    ["endpoint of webhooks[1]", '"localhost:3000"', "a URL", hook({ endpoint: "localhost:3000" })],
    ["endpoint of webhooks[1]", '"ftp:', "a URL", hook({ endpoint: "ftp://localhost/x" })],
    ["endpoint of webhooks[1]", '"http:', "a URL", hook({ endpoint: "http://localhost:0/x" })],
    ["endpoint of webhooks[1]", "3000", "a URL", hook({ endpoint: 3000 })],
    ["endpoint of webhooks[1]", "one", "a URL without", hook({ endpoint: "http://ada:secret@localhost/x" })],
    ["eventTypes of webhooks[1]", '"user.*"', "an array", hook({ endpoint: url, eventTypes: "user.*" })],
    ["eventTypes of webhooks[1]", "[]", "an array of one", hook({ endpoint: url, eventTypes: [] })],
    ["eventTypes of webhooks[1]", "[ 7 ]", "an array", hook({ endpoint: url, eventTypes: [7] })],
    ["eventTypes of webhooks[1]", "[ <1", "an array", hook({ endpoint: url, eventTypes: Array(1) })],
    ["port of startMockKinde", '"4455"', "a port from 0 to 65535", [{ port: "4455" }]],
    ["port of startMockKinde", "65536", "a port", [{ port: 65_536 }]],
    ["port of startMockKinde", "-1", "a port", [{ port: -1 }]],
    ["port of startMockKinde", "1.5", "a port", [{ port: 1.5 }]],
    ["port of startMockKinde", "null", "a port", [{ port: null }]],
    ["signingKey of startMockKinde", "an object", "a key of", [{ signingKey: exportPrivateJwk(signingKey) }]],
    ["signingKey of startMockKinde", "a string", "a key of", [{ signingKey: "-----BEGIN" }]],
    ["signingKey of startMockKinde", "an object", "a key of", [{ signingKey: null }]],
    ["signingKey of startMockKinde", "one under", "a key", [{ signingKey: { ...foreignKey, publicJwk } }]],
    ["now of startMockKinde", '"2026-01-02"', "a Date, or epoch milliseconds", [{ now: "2026-01-02" }]],
    ["now of startMockKinde", "NaN", "a Date", [{ now: new Date("never") }]],
    ["now of startMockKinde", "-1", "a Date", [{ now: -1 }]],
    ["now of startMockKinde", "281474976710656", "a Date", [{ now: 2 ** 48 }]],
    ["randomSeed of startMockKinde", "{}", "text or a number", [{ randomSeed: {} }]],
    ["randomSeed of startMockKinde", "NaN", "text or a number", [{ randomSeed: Number.NaN }]],
    ["client of startMockKinde", "text", "{ id, secret }", [{ client: "my-app:s3cret" }]],
    ["client of startMockKinde", "something else", "{ id, secret }", [{ client: ["my-app", "s3cret"] }]],
    ["client of startMockKinde", "something else", "{ id, secret }", [{ client: null }]],
    ["client of startMockKinde", '"name"', "id, secret", [{ client: { name: "my-app", secret: "s3cret" } }]],
    ["id of client of startMockKinde", "nothing", "text", [{ client: { secret: "s3cret" } }]],
    ["secret of client of startMockKinde", "nothing", "text", [{ client: { id: "my-app", secret: "" } }]],
    [
      "secret of client of startMockKinde",
      "something else",
      "text without spaces",
      [{ client: { id: "my-app", secret: "s3cret " } }],
    ],
    ["id of client of startMockKinde", "something else", "text", [{ client: { id: 7, secret: "s3cret" } }]],
    ["strict of startMockKinde", '"yes"', "true or false", [{ strict: "yes" }]],
    ["strict of startMockKinde", "1", "true or false", [{ strict: 1 }]],
    ["maxWebhooks of startMockKinde", '"1"', "a whole number from 0", [{ maxWebhooks: "1" }]],
    ["maxWebhooks of startMockKinde", "-1", "a whole number from 0", [{ maxWebhooks: -1 }]],
    ["maxWebhooks of startMockKinde", "Infinity", "a whole number", [{ maxWebhooks: Infinity }]],
    ["webhooks of startMockKinde", "2", "1 at most", [{ maxWebhooks: 1, ...hook({ endpoint: url })[0] }]],
    ["timeoutMs of startMockKinde", "0", "milliseconds from 1", [{ timeoutMs: 0 }]],
    ["timeoutMs of startMockKinde", '"5s"', "milliseconds from 1", [{ timeoutMs: "5s" }]],
  ];
  test.each(rows)("%s: %s", async (names, got, expected, given) => {
    expect(await refusalOf(startMockKinde, given)).toMatchObject(refused(names, got, expected));
  });

  test("a webhook of an event type that Kinde lacks: ERR_UNKNOWN_EVENT_TYPE, with the nearest", async () => {
    const starting = startMockKinde({ webhooks: [{ endpoint: url, eventTypes: ["user.create"] }] });
    await expect(starting).rejects.toMatchObject({
      code: "ERR_UNKNOWN_EVENT_TYPE",
      closest: "user.created",
    });
  });

  test("and leaves nothing that listens", async () => {
    const port = await findFreePort();
    await expect(startMockKinde({ port, signingKey: {} })).rejects.toThrow(DevhookError);
    await expect(ask(port, "/.well-known/jwks")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("no client with a sentence that tells its secret", async () => {
    for (const client of [
      "my-app:s3cret",
      ["s3cret"],
      { id: "my-app", secret: "s3cret " },
      { id: "s3cret " },
    ]) {
      const error = await startMockKinde({ client }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(DevhookError);
      expect((error as Error).message).not.toContain("s3cret");
    }
  });

  test("no key with a sentence that tells of it", async () => {
    const { d = "", ...jwk } = exportPrivateJwk(signingKey);
    const error = await startMockKinde({ signingKey: { d, ...jwk } }).catch((reason: unknown) => reason);
    expect((error as Error).message).not.toContain(d.slice(0, 8));
    expect((error as Error).message).toContain("importSigningKey");
  });
});

describe.each(["emit", "createRequest"] as const)("%s refuses", (method) => {
  const rows: readonly Row[] = [
    [`type of ${method}`, "nothing", "one event type", []],
    [`type of ${method}`, "7", "one event type", [7]],
    [`type of ${method}`, '"user.*"', "one event type", ["user.*"]],
    [`options of ${method}`, "null", "an object", ["user.created", null]],
    [`options of ${method}`, '"x"', "an object", ["user.created", "x"]],
    [`options of ${method}`, '"dat". Did you mean "data"?', "data, set", ["user.created", { dat: {} }]],
    [`options of ${method}`, '"type"', "data, set", ["user.created", { type: "role.created" }]],
    [`data of ${method}`, "[]", "an object", ["user.created", { data: [] }]],
    [`set of ${method}`, '"user.id=1"', "an object of paths", ["user.created", { set: "user.id=1" }]],
    [`set of ${method}`, "[ [ 'user.id' ] ]", "an object of paths", ["user.created", { set: [["user.id"]] }]],
    [`set of ${method}`, "[ <1", "an object of paths", ["user.created", { set: Array(1) }]],
    [`unset of ${method}`, '"user.id"', "an array of paths", ["user.created", { unset: "user.id" }]],
    [`unset of ${method}`, "[ <1", "an array of paths", ["user.created", { unset: Array(1) }]],
    [`source of ${method}`, '"nobody"', "admin, api, user", ["user.created", { source: "nobody" }]],
    [`webhookId of ${method}`, '"a b"', "1 to 256 visible", ["user.created", { webhookId: "a b" }]],
    [`webhookId of ${method}`, "nothing", "1 to 256 visible", ["user.created", { webhookId: "" }]],
    ...(method === "emit"
      ? ([
          ["to of emit", '"/x"', "a URL of http or https", ["user.created", { to: "/x" }]],
          ["to of emit", "null", "a URL of http or https", ["user.created", { to: null }]],
          ["timeoutMs of emit", "-1", "milliseconds from 1", ["user.created", { timeoutMs: -1 }]],
          ["expectedStatus of emit", "99", "a status from 200", ["user.created", { expectedStatus: 99 }]],
          ["signal of emit", "{}", "an AbortSignal", ["user.created", { signal: {} }]],
        ] as const)
      : ([
          ["url of createRequest", '"/x"', "a URL of http or https", ["user.created", { url: "/x" }]],
          ["url of createRequest", "null", "a URL of http or https", ["user.created", { url: null }]],
          ["options of createRequest", '"to"', "data, set", ["user.created", { to: url }]],
        ] as const)),
  ];
  test.each(rows)("%s: %s", async (names, got, expected, given) => {
    await using kinde = await startMockKinde({ signingKey });
    const call = kinde[method] as Untyped<unknown>;
    expect(await refusalOf(call, given)).toMatchObject(refused(names, got, expected));
  });

  test.each([
    ["an event type that Kinde lacks", "user.create", {}, "ERR_UNKNOWN_EVENT_TYPE"],
    ["a path into prototypes", "user.created", { set: { "__proto__.a": 1 } }, "ERR_INVALID_PATH"],
    ["data that JSON can't write", "user.created", { data: { id: 1n } }, "ERR_INVALID_PATH"],
    ["data that JSON writes as text", "user.created", { data: new Date(0) }, "ERR_INVALID_PATH"],
    ["data that goes in a circle", "user.created", { data: circle() }, "ERR_INVALID_PATH"],
    ["an event without a type", "user.created", { unset: ["type"] }, "ERR_NOT_AN_EVENT"],
  ])("%s: %s", async (_, type, options, code) => {
    await using receiver = await startReceiver();
    await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: receiver.url }] });
    const call = kinde[method] as Untyped<Promise<unknown>>;
    await expect(call(type, options)).rejects.toMatchObject({ code });
    expect(kinde.deliveries).toEqual([]);
    expect(receiver.requests).toEqual([]);
  });
});

describe("limitRate refuses", () => {
  const rows: readonly Row[] = [
    ["options of limitRate", "2", "an object", [2]],
    ["options of limitRate", "null", "an object", [null]],
    ["options of limitRate", '"call". Did you mean "calls"?', "resetSeconds", [{ call: 1 }]],
    ["calls of limitRate", "-1", "a whole number from 0", [{ calls: -1 }]],
    ["calls of limitRate", "Infinity", "a whole number from 0", [{ calls: Infinity }]],
    ["calls of limitRate", '"2"', "a whole number from 0", [{ calls: "2" }]],
    ["resetSeconds of limitRate", "0.5", "whole seconds from 0", [{ resetSeconds: 0.5 }]],
    ["resetSeconds of limitRate", "3601", "whole seconds from 0", [{ resetSeconds: 3601 }]],
  ];
  test.each(rows)("%s: %s", async (names, got, expected, given) => {
    await using kinde = await startMockKinde({ signingKey });
    const call = kinde.limitRate as Untyped<unknown>;
    expect(await refusalOf(call, given)).toMatchObject(refused(names, got, expected));
    expect((await ask(kinde.port, "/api/v1/webhooks")).status).toBe(403);
  });
});

describe("waitFor refuses", () => {
  const rows: readonly Row[] = [
    ["what waitFor waits for", "nothing", "an event type or a function", []],
    ["what waitFor waits for", "[ 'user.created' ]", "an event type or a function", [["user.created"]]],
    ["options of waitFor", "500", "an object", ["user.created", 500]],
    [
      "options of waitFor",
      '"timeout". Did you mean "timeoutMs"?',
      "signal",
      ["role.created", { timeout: 5 }],
    ],
    ["timeoutMs of waitFor", "null", "milliseconds from 1", ["user.created", { timeoutMs: null }]],
    ["timeoutMs of waitFor", "Infinity", "milliseconds from 1", ["user.created", { timeoutMs: Infinity }]],
    ["signal of waitFor", "1", "an AbortSignal", ["user.created", { signal: 1 }]],
  ];
  test.each(rows)("%s: %s", async (names, got, expected, given) => {
    await using kinde = await startMockKinde({ signingKey });
    const call = kinde.waitFor as Untyped<unknown>;
    expect(await refusalOf(call, given)).toMatchObject(refused(names, got, expected));
  });
});
