/** What apps that run make of it when our key is rotated and the old one retired: it depends on what they keep. */
import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createEvent } from "../../src/kinde/events.ts";
import { signEvent } from "../../src/kinde/sign.ts";
import { createSigningKeys } from "../../src/kinde/signing-keys.ts";
import { isCi } from "../helpers/ci.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { isInstalled, type Client, type Verdict } from "./client.ts";
import { clients } from "./clients.ts";
import { openIssuer } from "./local-issuer.ts";

const claims = createEvent("user.created", {}, { now: Date.UTC(2026, 7, 1), randomBytes });
const [oldToken, newToken] = await Promise.all([
  signEvent(claims, signingKey),
  signEvent(claims, foreignKey),
]);
const accepted: Verdict = { claims };

/** jose asks for a key id that it does not know 30 s after it has last asked for the set, and not before. */
const cooldownMs = 30_000;

const waits = new Set(["jose"]);
const forgets = new Set(["@kinde/webhooks"]);

afterEach(() => {
  vi.useRealTimers();
});

describe.each(clients)("$name", (client) => {
  const isMissing = !isInstalled(client) && !isCi;

  test.skipIf(isMissing)("takes a token of the new key, and of the old one, after a rotation", async () => {
    const keys = createSigningKeys(signingKey);
    await using issuer = await openIssuer(keys);
    await using verifier = client.open(issuer.url);
    expect(await verifier.verify(oldToken)).toEqual(accepted);
    keys.rotateTo(foreignKey);
    if (waits.has(client.name)) {
      expect(await verifier.verify(newToken)).toEqual(unknownKeyOf(client));
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + cooldownMs });
    }
    expect(await verifier.verify(newToken)).toEqual(accepted);
    expect(await verifier.verify(oldToken)).toEqual(accepted);
  });

  test.skipIf(isMissing)(
    forgets.has(client.name)
      ? "refuses a token of a retired key at once"
      : "takes a token of a retired key as long as it keeps that key",
    async () => {
      const keys = createSigningKeys(signingKey);
      await using issuer = await openIssuer(keys);
      await using verifier = client.open(issuer.url);
      expect(await verifier.verify(oldToken)).toEqual(accepted);
      keys.rotateTo(foreignKey);
      keys.retire([]);
      expect(await verifier.verify(oldToken)).toEqual(
        forgets.has(client.name) ? unknownKeyOf(client) : accepted,
      );
    },
  );

  test.skipIf(isMissing)("that starts after the old key was retired refuses its tokens", async () => {
    const keys = createSigningKeys(signingKey);
    keys.rotateTo(foreignKey);
    keys.retire([]);
    await using issuer = await openIssuer(keys);
    await using verifier = client.open(issuer.url);
    expect(await verifier.verify(newToken)).toEqual(accepted);
    expect(await verifier.verify(oldToken)).toEqual(unknownKeyOf(client));
  });
});

function unknownKeyOf({ refusals }: Client): unknown {
  return { refused: expect.stringMatching(refusals.unknownKey) as unknown };
}
