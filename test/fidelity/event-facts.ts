/** The token, its claims, and the data of events that no official source describes. */
import { expect } from "vitest";
import { eventFixture, eventTypes } from "../../src/kinde/event-types.ts";
import type { KindeEvent } from "../../src/kinde/events.ts";
import { maxEventAgeMs } from "../../src/relay/gate.ts";
import { decodePart } from "../kinde/craft-token.ts";
import { signingKey } from "../helpers/keys.ts";
import type { Evidence } from "./evidence.ts";
import type { Fact } from "./fact.ts";
import { judge } from "./judge.ts";

const isoMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

export const eventFacts: readonly Fact[] = [
  {
    kinde: "RS256; header `alg`, `kid`, `typ`; claims sorted; no `iss`, `aud`, `exp`, `iat`, `sub`",
    sure: "sure",
    weDo: "the same",
    prove: ({ requests, claims }) => {
      const header = `{"alg":"RS256","kid":"${signingKey.kid}","typ":"JWT"}`;
      for (const { body } of requests) expect(decodePart(body.toString(), 0)).toBe(header);
      const known = ["data", "event_id", "event_timestamp", "ip_address", "source", "timestamp", "type"];
      for (const text of claims) {
        const event = JSON.parse(text) as object;
        expect(text).toBe(JSON.stringify(sorted(event)));
        expect(known).toEqual(expect.arrayContaining(Object.keys(event)));
      }
    },
  },
  {
    kinde: "`event_id`: `event_` and 32 hex digits, of which 12 are the time",
    sure: "sure",
    weDo: "the same",
    prove: (evidence) => {
      for (const { event_id, timestamp } of eventsOf(evidence)) {
        const time = Date.parse(timestamp).toString(16).padStart(12, "0");
        expect(event_id).toMatch(new RegExp(`^event_${time}[\\da-f]{20}$`));
      }
    },
  },
  {
    kinde: "`timestamp`",
    sure: "captures have microseconds and an offset, newer docs milliseconds and `Z`",
    weDo: "milliseconds and `Z`; the tunnel reads both",
    prove: async (evidence) => {
      for (const { timestamp } of eventsOf(evidence)) expect(timestamp).toMatch(isoMs);
      const captured = { timestamp: "2024-07-09T02:29:08.242969+10:00" };
      const then = Date.UTC(2024, 6, 8, 16, 29, 8);
      expect(await judge(captured, then)).toMatchObject({ isAdmitted: true });
      expect(await judge(captured, then + maxEventAgeMs + 1000)).toMatchObject({ code: "ERR_EVENT_TOO_OLD" });
    },
  },
  {
    kinde: "`event_timestamp`",
    sure: "in the newer docs' samples only, its meaning nowhere",
    weDo: "sent, equal to `timestamp`",
    prove: (evidence) => {
      for (const { timestamp, event_timestamp } of eventsOf(evidence)) {
        expect(event_timestamp).toBe(timestamp);
      }
    },
  },
  {
    kinde: "`source`: `admin`, `api` or `user`",
    sure: "sure; which of them when is undocumented",
    weDo: "`user` for authentication events, else `api`",
    prove: (evidence) => {
      for (const { type, source } of eventsOf(evidence)) {
        expect(source).toBe(type.startsWith("user.authentic") ? "user" : "api");
      }
    },
  },
  {
    kinde: "`ip_address` beside `data` on `user.authenticated` and `user.authentication_failed`",
    sure: "typed in `@kinde/webhooks` only",
    weDo: "sent there and nowhere else, the address a made-up one",
    prove: (evidence) => {
      const addressed = eventsOf(evidence).filter((event) => "ip_address" in event);
      expect(addressed.map(({ type }) => type).toSorted()).toEqual([
        "user.authenticated",
        "user.authentication_failed",
      ]);
      // TEST-NET-3 of RFC 5737.
      const address: unknown = expect.stringMatching(/^203\.0\.113\.\d+$/);
      for (const event of addressed) expect(event).toMatchObject({ ip_address: address });
    },
  },
  {
    kinde: "the data of billing events, `customer.*`",
    sure: "no official shape",
    weDo: "field names of a public reader, with its `+11` dates, which `new Date()` can't read",
    prove: ({ claims }) => {
      const reader = "kinde-convex-billing";
      const read = eventTypes.filter((type) => eventFixture(type).source.includes(reader));
      const billing = eventTypes.filter((type) => eventFixture(type).category === "billing");
      expect(read).toEqual(billing);
      const text = claims.join();
      const dates = [...text.matchAll(/"(?:invoice_due_on|next_billing_date)":"(.*?)"/g)].map(
        ([, date]) => date!,
      );
      expect(dates).not.toHaveLength(0);
      for (const date of dates) {
        expect(date).toMatch(/\+11$/);
        expect(new Date(date).getTime()).toBeNaN();
      }
    },
  },
  {
    kinde: "`passkey.added`, `passkey.removed`, `customer.plan_created`",
    sure: "in one list of the 2026 docs only; the last is doubtful",
    weDo: "our guess",
    prove: () => {
      const listed = eventTypes.filter((type) =>
        eventFixture(type).source.startsWith("Listed in Kinde's 2026 docs only"),
      );
      expect(listed).toEqual(["customer.plan_created", "passkey.added", "passkey.removed"]);
      for (const { confidence, source } of listed.map((type) => eventFixture(type))) {
        expect(confidence).toBe("unverified");
        expect(source).toMatch(/our guess/i);
      }
    },
  },
];

function eventsOf({ claims }: Evidence): KindeEvent[] {
  return claims.map((text) => JSON.parse(text) as KindeEvent);
}

/** The same value with the keys of every object in alphabetical order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, sorted(inner)]);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
