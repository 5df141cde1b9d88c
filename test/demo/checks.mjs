import { deepStrictEqual, strictEqual } from "node:assert";
import { hashOf, readClaims } from "./token.mjs";

const shownCharacters = 300;

/** What did not hold. */
export const failures = [];

/** Notes what does not hold, and goes on. @returns whether it holds */
export function check(fact, assertion) {
  try {
    assertion();
    return true;
  } catch (error) {
    failures.push(`${fact}: ${error.message.split("\n")[0].slice(0, shownCharacters)}`);
    return false;
  }
}

/**
 * The app has got a webhook once, byte for byte as it was signed, and its handler decoded the claims that were signed.
 * @param {{ data: object }} fixture the sample of its event type
 * @param {{ token: string, webhookId: string }} sent
 * @param {{ path: string, webhookId: string, bodyHash: string, event: object }[]} received what has reached the app
 */
export function assertReceived({ type, data }, { token, webhookId }, received) {
  const claims = readClaims(token);
  const arrived = received.filter((request) => request.webhookId === webhookId);
  strictEqual(arrived.length, 1, `the app got it ${arrived.length} times`);
  const [{ path, bodyHash, event }] = arrived;
  strictEqual(path, "/api/webhook", `it came to ${path}`);
  strictEqual(bodyHash, hashOf(token), "the body is not byte for byte the one that was sent");
  deepStrictEqual(event, claims, "the app has other claims than were signed");
  deepStrictEqual([claims.type, claims.data], [type, data], "the event is not the sample of its type");
}

/**
 * The record tells of a delivery at its first attempt, of the event that the token holds.
 * @param {object} delivery the `delivery` record
 * @param {string} token
 * @param {{ direction: string, endpoint: string, verification: object }} expected
 */
export function assertRecorded(delivery, token, { direction, endpoint, verification }) {
  const { type, event_id: id, source, timestamp } = readClaims(token);
  deepStrictEqual(
    {
      direction: delivery.direction,
      state: delivery.state,
      endpoint: delivery.endpoint,
      event: delivery.event,
      verification: delivery.verification,
      statuses: delivery.attempts.map(({ status }) => status),
    },
    {
      direction,
      state: "delivered",
      endpoint,
      event: { type, id, source, timestamp },
      verification,
      statuses: [200],
    },
    `the record says other things: ${JSON.stringify(delivery)}`,
  );
}
