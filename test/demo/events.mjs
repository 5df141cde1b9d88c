import { formatTable } from "../helpers/table.mjs";
import { checkEmitted } from "./emitted.mjs";
import { checkRelayed } from "./relayed.mjs";
import { shorten } from "./token.mjs";

/** Each event type came through the tunnel, and came by `emit`. @returns the table of it, in lines */
export function checkEvents(fixtures, { relayed, emitted, records, received, kinde, ready, ownKid, app }) {
  const { endpoint } = app;
  const rows = fixtures.map((fixture) => {
    const { type, confidence } = fixture;
    const sent = relayed.get(type);
    const delivery = emitted.find(({ event }) => event.type === type);
    const attempt = delivery?.attempts.at(-1);
    const isRelayed = checkRelayed(fixture, sent, { received, records, kinde, endpoint });
    const isEmitted = checkEmitted(fixture, delivery, { received, ready, kid: ownKid, endpoint });
    return {
      "event type": type,
      confidence,
      relayed: sent?.status ?? "not sent",
      "relay ms": sent?.durationMs.toFixed(1),
      "by Kinde's key": isRelayed ? shorten(kinde.kid) : "FAILED",
      emitted: attempt?.status ?? attempt?.error?.code ?? "not sent",
      "emit ms": attempt?.durationMs.toFixed(1),
      "by our key": isEmitted ? shorten(ownKid) : "FAILED",
    };
  });
  return [
    ...formatTable(Object.keys(rows[0]), rows, ["relay ms", "emit ms"]),
    "",
    "confidence: how sure the shape is. captured: from a real token of Kinde's; typed: in @kinde/webhooks;",
    "unverified: in no official source, our reading. The signature is the same for all.",
    "relay ms: what Kinde waited, through the public URL. emit ms: what the app took, ten at a time.",
    "by … key: @kinde/webhooks verified it with this key; the body came to the app as it was signed, byte for byte,",
    "and the claims that the app decoded are those that were signed.",
  ];
}
