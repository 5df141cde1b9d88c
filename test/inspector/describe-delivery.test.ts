import { expect, test } from "vitest";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { describeDelivery } from "../../src/inspector/describe-delivery.ts";
import type { DeliveryDetail } from "../../src/inspector/protocol.ts";
import { retrySchedule } from "../../src/kinde/retry-schedule.ts";
import { sampleAttempt, sampleDelivery } from "../delivery/sample-delivery.ts";

const real = "https://acme.kinde.com";
const localIssuer = "http://localhost:4455";

function detailOf(delivery: Partial<Delivery>): DeliveryDetail {
  return describeDelivery(sampleDelivery(delivery), {
    hintContext: { localIssuer, hasFetchedJwks: true, expectedStatus: 200, endpointOption: "--forward" },
    realIssuer: real,
    ownKeyIds: ["own"],
    schedule: retrySchedule,
    now: 0,
  });
}

const levels = 100_000;
const tooDeep = Buffer.from(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`).toString("base64url");
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

test("has the delivery itself, and the header and the claims of its token", () => {
  const [header, claims] = [
    { alg: "RS256", kid: "own" },
    { type: "user.created", data: { user: {} } },
  ];
  const detail = detailOf({ token: `${part(header)}.${part(claims)}.c2ln` });
  expect(detail).toMatchObject({ header, claims, delivery: { id: sampleDelivery().id } });
});

test.each([
  ["no token", "hello"],
  ["an empty one", ""],
  ["a token of other JSON", `${part(1)}.${part("x")}.c2ln`],
  ["one that is nested too deeply to be written as JSON", `${tooDeep}.${tooDeep}.c2ln`],
])("has neither of %s", (_, token) => {
  expect(detailOf({ token })).toMatchObject({ header: null, claims: null });
});

test("of a redacted one has the masked claims, and no header", () => {
  const masked = { isRedacted: true, token: "", claims: { data: { user: { email: "•••" } } } } as const;
  expect(detailOf(masked)).toMatchObject({ header: null, claims: masked.claims });
});

test.each<[string, Partial<Delivery>, DeliveryDetail["signer"]]>([
  [
    "the real issuer's",
    { direction: "relayed", verification: { status: "verified", kid: "k", issuer: real } },
    "kinde",
  ],
  [
    "another Kinde's, of before",
    { direction: "relayed", verification: { status: "verified", kid: "k", issuer: "https://b.kinde.com" } },
    "kinde",
  ],
  [
    "one of our own",
    { direction: "relayed", verification: { status: "verified", kid: "own", issuer: "x" } },
    "local",
  ],
  [
    "our own of another port",
    {
      direction: "replayed",
      verification: { status: "verified", kid: "k", issuer: "http://localhost:4460" },
    },
    "local",
  ],
  [
    "one that was retired since",
    { direction: "emitted", verification: { status: "verified", kid: "gone", issuer: "https://x.example" } },
    "local",
  ],
  ["nobody's", { verification: { status: "unverified", reason: "ERR_BAD_SIGNATURE" } }, null],
])("says whose key signed it: %s", (_, delivery, signer) => {
  expect(detailOf(delivery).signer).toBe(signer);
});

test("says what each answer probably means, by the attempt's number", () => {
  const attempts = [sampleAttempt({ status: 404 }), sampleAttempt({ number: 2, status: 200 })];
  const { hints } = detailOf({ attempts });
  expect(hints).toEqual([{ number: 1, message: expect.stringContaining("/api/webhook") as string }]);
});

test.each<[direction: Delivery["direction"], isTriedAgain: boolean]>([
  ["relayed", true],
  ["emitted", false],
  ["replayed", false],
])(
  "that Kinde tries again is said of what was relayed, and of nothing that a tunnel sends: %s",
  (direction, isTriedAgain) => {
    const attempts = [
      sampleAttempt({ status: null, error: { code: "ERR_CONNECTION_REFUSED", message: "" } }),
    ];
    const [hint] = detailOf({ direction, attempts }).hints;
    expect(hint?.message).toContain("is your app running");
    expect(hint?.message.includes("Kinde tries again")).toBe(isTriedAgain);
  },
);

test("guesses nothing of a fault, whose cause is known, nor of a record that holds no URL", () => {
  const attempts = [sampleAttempt({ status: 404 })];
  expect(detailOf({ attempts, fault: "bad-signature" }).hints).toEqual([]);
  const broken = sampleAttempt({ status: 404, request: { method: "POST", url: "", headers: {} } });
  expect(detailOf({ attempts: [broken] }).hints).toEqual([]);
});

test("has the ladder of its attempts", () => {
  expect(detailOf({ state: "delivered", attempts: [sampleAttempt()] }).ladder).toEqual([
    { number: 1, at: sampleAttempt().startedAt, state: "done", status: 200, isAbout: false },
  ]);
});
