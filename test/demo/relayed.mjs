// The way in: what Kinde sends to the public URL.
import { fail, strictEqual } from "node:assert";
import { randomBytes } from "node:crypto";
import { assertReceived, assertRecorded, check } from "./checks.mjs";
import { readKeyId } from "./token.mjs";

/**
 * Kinde signs one event of each type and sends it to the public URL, one after the other.
 * @returns for each type what was sent, and how it was answered after how many milliseconds
 */
export async function relayAll(kinde, publicEndpoint, types) {
  const relayed = new Map();
  for (const type of types) {
    const token = kinde.signWebhook(type);
    const webhookId = randomBytes(16).toString("hex");
    const sentAt = performance.now();
    const status = await kinde.deliver(publicEndpoint, token, { webhookId }).then(
      (answer) => answer.status,
      (error) => error.code ?? error.message,
    );
    relayed.set(type, { token, webhookId, status, durationMs: performance.now() - sentAt });
  }
  return relayed;
}

/**
 * The app has the event, and the tunnel's record tells what happened.
 * @returns whether all of it holds
 */
export function checkRelayed(fixture, sent, { received, records, kinde, endpoint }) {
  const { type } = fixture;
  if (sent === undefined) return check(`${type} is sent by Kinde`, () => fail("it is not"));
  const { token, webhookId, status } = sent;
  const isReceived = check(`${type}, relayed, is verified and accepted as it was signed`, () => {
    strictEqual(status, 200, `its sender got ${status}`);
    strictEqual(readKeyId(token), kinde.kid, "another key than Kinde's signed it");
    assertReceived(fixture, sent, received);
  });
  const isRecorded = check(`${type}, relayed, is recorded`, () => {
    const deliveries = records.filter(
      (record) => record.record === "delivery" && record.webhookId === webhookId,
    );
    strictEqual(deliveries.length, 1, `the tunnel has ${deliveries.length} records of it`);
    const [delivery] = deliveries;
    assertRecorded(delivery, token, {
      direction: "relayed",
      endpoint,
      verification: { status: "verified", kid: kinde.kid, issuer: kinde.issuer },
    });
  });
  return isReceived && isRecorded;
}
