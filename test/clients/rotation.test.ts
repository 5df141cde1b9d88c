/** What apps that run make of it when our key is rotated and the old one retired: it depends on what they keep. */
import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createEvent } from "../../src/kinde/events.ts";
import { signEvent } from "../../src/kinde/sign.ts";
import { createSigningKeys } from "../../src/kinde/signing-keys.ts";
import { isCi } from "../helpers/ci.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { isInstalled, type Client, type Verdict, type Verifier } from "./client.ts";
import { clients } from "./clients.ts";
import { openIssuer } from "./local-issuer.ts";

interface Habit {
  /** When a token of the new key is taken. */
  readonly newKey: "at once" | "after 30 s" | "never";
  /** What becomes of a token of the old key once that is retired. */
  readonly retiredKey: "refused" | "taken";
}

const keepsWhatItGot: Habit = { newKey: "at once", retiredKey: "taken" };

const habits: Readonly<Record<string, Habit>> = {
  // It keeps nothing.
  "@kinde/webhooks": { newKey: "at once", retiredKey: "refused" },
  "@kinde/jwt-validator": keepsWhatItGot,
  // It fetches the set again for a key id that it does not know, but not within 30 s of the last time.
  jose: { newKey: "after 30 s", retiredKey: "taken" },
  "jwks-rsa + jsonwebtoken": keepsWhatItGot,
  "fast-jwt": keepsWhatItGot,
  PyJWT: keepsWhatItGot,
};

const claims = createEvent("user.created", {}, { now: Date.UTC(2026, 7, 1), randomBytes });
const [oldToken, newToken] = await Promise.all([
  signEvent(claims, signingKey),
  signEvent(claims, foreignKey),
]);
const accepted: Verdict = { claims };

afterEach(() => {
  vi.useRealTimers();
});

describe.each(clients)("$name", (client) => {
  const isMissing = !isInstalled(client) && !isCi;

  test.skipIf(isMissing)(
    "that runs takes the new key and drops the old one when it is known to",
    async () => {
      const keys = createSigningKeys(signingKey);
      await using issuer = await openIssuer(keys);
      await using verifier = client.open(issuer.url);
      expect(await verifier.verify(oldToken)).toEqual(accepted);
      keys.rotateTo(foreignKey);
      const newKey = await whenTaken(verifier, newToken);
      // The old one is in the set still.
      expect(await verifier.verify(oldToken)).toEqual(accepted);
      keys.retire([]);
      const retiredKey = "claims" in (await verifier.verify(oldToken)) ? "taken" : "refused";
      expect({ newKey, retiredKey }).toEqual(habits[client.name]);
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

async function whenTaken(verifier: Verifier, token: string): Promise<Habit["newKey"]> {
  if ("claims" in (await verifier.verify(token))) return "at once";
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 30_000 });
  return "claims" in (await verifier.verify(token)) ? "after 30 s" : "never";
}

function unknownKeyOf({ refusals }: Client): unknown {
  return { refused: expect.stringMatching(refusals.unknownKey) as unknown };
}
