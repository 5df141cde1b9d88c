import fc from "fast-check";
import { expect, test } from "vitest";
import { isUserError, startMockKinde, type MockKinde, type StartMockKindeOptions } from "../../src/index.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";

/** Anything that JavaScript has but a URL: nothing is to be sent to somebody's server. */
const anything = fc
  .anything({
    maxDepth: 3,
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withTypedArray: true,
  })
  .filter((value) => !(typeof value === "string" && URL.canParse(value)));

/** Options that may be right or wrong, some of them, each by itself. */
function someOf(names: readonly string[], right: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> {
  const members = names.map((name) => [
    name,
    fc.oneof(
      { weight: 3, arbitrary: anything },
      { weight: 1, arbitrary: fc.array(anything, { maxLength: 2 }) },
      { weight: 2, arbitrary: fc.constant(right[name]) },
    ),
  ]);
  const record = fc.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: [],
  });
  return fc.oneof({ weight: 9, arbitrary: record }, { weight: 1, arbitrary: anything });
}

/** That it works, or the sentence of an error that is the caller's; what breaks of ours is thrown. */
async function answerOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return "works";
  } catch (error) {
    if (isUserError(error)) return error.message;
    throw error;
  }
}

const answered = /^(works$|Failed to )/;

test("startMockKinde starts or refuses, whatever it is given", async () => {
  const limits = { client: { id: "my-app", secret: "s3cret" }, strict: true, maxWebhooks: 1 };
  const right = { webhooks: [{ endpoint: "http://127.0.0.1:9/x" }], signingKey, now: 0, port: 0, ...limits };
  const names = [...Object.keys(right), "randomSeed", "timeoutMs", "other"];
  const webhook = someOf(["endpoint", "eventTypes"], { endpoint: "http://127.0.0.1:9/x" });
  const options = fc.oneof(
    someOf(names, right),
    fc.record({ webhooks: fc.array(webhook, { maxLength: 2 }), signingKey: fc.constant(signingKey) }),
  );
  await fc.assert(
    fc.asyncProperty(options.map(withKey), async (given) => {
      const answer = await answerOf(async () => {
        await using kinde = await startMockKinde(given as StartMockKindeOptions);
        await kinde.createRequest("user.created");
      });
      expect(answer).toMatch(answered);
    }),
    { numRuns: 300 },
  );
});

test.each(["emit", "createRequest"] as const)("%s works or refuses, whatever it is given", async (method) => {
  await using receiver = await startReceiver();
  await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: receiver.url }] });
  const names = [
    "data",
    "set",
    "unset",
    "source",
    "webhookId",
    "to",
    "url",
    "timeoutMs",
    "expectedStatus",
    "signal",
  ];
  const right = { data: {}, set: { "user.id": "1" }, unset: ["user.id"], source: "api", to: receiver.url };
  const overrides = fc.record(
    { data: fc.dictionary(fc.string(), anything), set: fc.dictionary(fc.string(), anything) },
    { requiredKeys: [] },
  );
  const call = kinde[method] as (type: unknown, options: unknown) => ReturnType<MockKinde["emit"]>;
  await fc.assert(
    fc.asyncProperty(
      fc.oneof({ weight: 9, arbitrary: fc.constant("user.created") }, { weight: 1, arbitrary: anything }),
      fc.oneof(someOf(names, right), overrides),
      async (type, options) => {
        expect(await answerOf(() => call(type, options))).toMatch(answered);
      },
    ),
    { numRuns: 300 },
  );
});

test("waitFor gives a delivery or refuses, whatever it is given", async () => {
  await using receiver = await startReceiver();
  await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: receiver.url }] });
  await kinde.emit("user.created");
  const waitFor = kinde.waitFor as (wanted: unknown, options: unknown) => Promise<unknown>;
  const wanted = fc.oneof(
    anything,
    fc.constantFrom("user.created", "user.*", () => true),
  );
  const options = someOf(["signal", "other"], {}).map((given) =>
    typeof given === "object" && given !== null ? { ...given, timeoutMs: 1 } : given,
  );
  await fc.assert(
    fc.asyncProperty(wanted, options, async (first, second) => {
      expect(await answerOf(() => waitFor(first, second))).toMatch(answered);
    }),
    { numRuns: 300 },
  );
});

/** Making a key takes its time. */
function withKey(options: unknown): unknown {
  const hasNone = typeof options === "object" && options !== null && !("signingKey" in options);
  return hasNone ? { ...options, signingKey } : options;
}
