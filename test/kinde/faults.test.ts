import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createEvent, type CreateEventOptions } from "../../src/kinde/events.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { faultNames, faultOf, faults, parseFault, UnknownFaultError } from "../../src/kinde/faults.ts";
import { createLocalJwks } from "../../src/kinde/jwks.ts";
import { verifyToken } from "../../src/kinde/verify.ts";
import { signingKey } from "../helpers/keys.ts";
import { planFault, planFaultOf, type PlannedRequest } from "./plan-fault.ts";

const keys = createLocalJwks("http://localhost:4455", { keys: [signingKey.publicJwk] });
const twice = new Set(["duplicate", "reordered"]);

test("every fault says in a sentence what it does, and what a correct handler does", () => {
  expect(faults.map(({ name }) => name)).toEqual(faultNames);
  expect(new Set(faultNames).size).toBe(17);
  for (const { name, does, handler } of faults) {
    expect(name).toMatch(/^[a-z\d-]+$/);
    expect(does).toMatch(/^[A-Z].{15,}[.]$/);
    expect(handler).toMatch(/^[A-Z].{15,}[.]$/);
  }
});

test("a handler need not refuse what verifies, and never has to accept what does not", () => {
  for (const { expects, reason } of faults) {
    expect(reason === null ? ["accept", "either", "survive"] : ["refuse", "either"]).toContain(expects);
  }
});

describe.each(faults)("$name", ({ name, reason }) => {
  test(`gives every event type a body that ${reason === null ? "verifies" : `is ${reason}`}`, async () => {
    for (const type of eventTypes) {
      const planned = await planFaultOf(name, type);
      expect(planned).toHaveLength(twice.has(name) ? 2 : 1);
      for (const each of planned) expect(await reasonOf(each)).toBe(reason);
    }
  });

  test("does the same whatever the user put into the event", async () => {
    const data = fc.dictionary(fc.stringMatching(/^[a-z]\w{0,8}$/), fc.jsonValue({ maxDepth: 3 }));
    const options = fc.record({
      data: data.filter((members) => !/"(__proto__|constructor|prototype)"/.test(JSON.stringify(members))),
      set: fc.constantFrom(
        {},
        { timestamp: "yesterday" },
        { timestamp: "1969-12-31T23:59:59.500+00:00" },
        { event_id: "mine" },
      ),
      unset: fc.constantFrom([], ["event_timestamp"], ["user"], ["source"]),
    });
    await fc.assert(
      fc.asyncProperty(options, async (overrides) => {
        const event = createEvent("user.created", overrides as CreateEventOptions<"user.created">, {
          now: 0,
          randomBytes: (size) => new Uint8Array(size),
        });
        const before = structuredClone(event);
        for (const each of await planFault(name, event, 0)) expect(await reasonOf(each)).toBe(reason);
        expect(event).toEqual(before);
      }),
      { numRuns: 25 },
    );
  });
});

describe("a name", () => {
  test.each(faultNames)("%s is itself", (name) => {
    expect(parseFault(name)).toBe(name);
    expect(faultOf(name).name).toBe(name);
  });

  test.each([
    ["bad-signatur", "bad-signature"],
    ["Alg-None", "alg-none"],
    ["duplicates", "duplicate"],
    ["toString", undefined],
    ["__proto__", undefined],
    ["", undefined],
    ["x".repeat(100_000), undefined],
  ] as const)("that there is not, %.20s, is ERR_UNKNOWN_FAULT; the nearest is %s", (text, closest) => {
    const error = refusalOf(text);
    expect(error).toMatchObject({ code: "ERR_UNKNOWN_FAULT", exitCode: 2, fault: text, closest });
    expect(error.message).toMatch(/^Failed to .*[.]$/);
    expect(error.message.length).toBeLessThan(600);
    expect(error.message).toContain(faultNames.join(", "));
    expect(error.message.includes("Did you mean")).toBe(closest !== undefined);
  });
});

function refusalOf(text: string): UnknownFaultError {
  try {
    parseFault(text);
  } catch (error) {
    if (error instanceof UnknownFaultError) return error;
  }
  throw new Error(`${text} was taken`);
}

/** Why the body, as it goes out, does not verify. */
async function reasonOf({ request }: PlannedRequest): Promise<string | null> {
  const verified = await verifyToken(request.body.toString(), keys);
  return verified.status === "verified" ? null : verified.reason;
}
