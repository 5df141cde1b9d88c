/** Whether our events pass, and forged ones do not, in the clients that apps verify with, as they are installed. */
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createEvent } from "../../src/kinde/events.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { signEvent } from "../../src/kinde/sign.ts";
import { isCi } from "../helpers/ci.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { isInstalled, verifyAll, type Client } from "./client.ts";
import { clients } from "./clients.ts";
import { openIssuer } from "./local-issuer.ts";
import { tamperWithClaims } from "./tamper.ts";

const origin = { now: Date.UTC(2026, 7, 1), randomBytes };
const events = eventTypes.map((type) => createEvent(type, {}, origin));
const tokens = await Promise.all(events.map((event) => signEvent(event, signingKey)));
const [event, token] = [events[0]!, tokens[0]!];

describe.each(clients)("$name", (client) => {
  const isMissing = !isInstalled(client) && !isCi;
  const [badSignature, unknownKey] = refusalsOf(client);

  test.skipIf(isMissing)("accepts each event type, and reads it as it was created", async () => {
    await using issuer = await openIssuer();
    await using verifier = client.open(issuer.url);
    expect(await verifyAll(verifier, tokens)).toEqual(events.map((claims) => ({ claims })));
  });

  test.skipIf(isMissing)("refuses each event type with other claims, for its signature", async () => {
    await using issuer = await openIssuer();
    await using verifier = client.open(issuer.url);
    const pairs = tokens.flatMap((untouched) => [
      untouched,
      tamperWithClaims(untouched, { source: "admin" }),
    ]);
    expect(await verifyAll(verifier, pairs)).toEqual(events.flatMap((claims) => [{ claims }, badSignature]));
  });

  test.skipIf(isMissing)("refuses a foreign key, under our key id and under its own", async () => {
    await using issuer = await openIssuer();
    await using verifier = client.open(issuer.url);
    const disguised = await signEvent(event, { ...foreignKey, kid: signingKey.kid });
    const foreign = await signEvent(event, foreignKey);
    expect(await verifyAll(verifier, [token, disguised, foreign, token])).toEqual([
      { claims: event },
      badSignature,
      unknownKey,
      { claims: event },
    ]);
  });

  test.skipIf(isMissing).each([
    ["localhost", ""],
    ["127.0.0.1", ""],
    ["localhost", "/"],
  ])("finds the JWKS of http://%s:port%s", async (host, end) => {
    await using issuer = await openIssuer();
    await using verifier = client.open(`http://${host}:${issuer.port}${end}`);
    expect(await verifier.verify(token)).toEqual({ claims: event });
    expect(issuer.requests).toEqual([end + client.jwksPath]);
  });

  test.skipIf(isMissing)("accepts what the user put into an event", async () => {
    const overrides = {
      data: { user: { first_name: "Zoë 🚀", organizations: null } },
      set: { "user.10": 1, "user.9": 2 },
    };
    const claims = createEvent("user.created", overrides, origin);
    await using issuer = await openIssuer();
    await using verifier = client.open(issuer.url);
    expect(await verifier.verify(await signEvent(claims, signingKey))).toEqual({ claims });
  });
});

/** What a client answers to a changed token, and to one of an unknown key. */
function refusalsOf({ refusals }: Client): readonly { readonly refused: unknown }[] {
  return [refusals.badSignature, refusals.unknownKey].map((words) => ({
    refused: expect.stringMatching(words) as unknown,
  }));
}
