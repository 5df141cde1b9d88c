/** `decodeWebhook` of @kinde/webhooks, as it is installed: what most handlers use. */
import { randomBytes } from "node:crypto";
import { decodeWebhook } from "@kinde/webhooks";
import { describe, expect, test } from "vitest";
import { createEvent } from "../../src/kinde/events.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { signEvent } from "../../src/kinde/sign.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { openIssuer } from "./local-issuer.ts";
import { tamperWithClaims } from "./tamper.ts";

const now = Date.UTC(2026, 7, 1);
const event = createEvent("user.created", {}, { now, randomBytes });

describe.each(eventTypes)("%s", (type) => {
  test("is accepted, and decoded as it was created", async () => {
    await using issuer = await openIssuer();
    const created = createEvent(type, {}, { now, randomBytes });
    expect(await decodeWebhook(await signEvent(created, signingKey), issuer.url)).toEqual(created);
    expect(issuer.hasServedJwks()).toBe(true);
  });

  test("is refused with other claims", async () => {
    await using issuer = await openIssuer();
    const created = createEvent(type, {}, { now, randomBytes });
    const token = tamperWithClaims(await signEvent(created, signingKey), { source: "admin" });
    expect(await decodeWebhook(token, issuer.url)).toBeNull();
    expect(issuer.hasServedJwks()).toBe(true);
  });
});

test("accepts an event when the issuer was written with a slash at its end", async () => {
  await using issuer = await openIssuer();
  expect(await decodeWebhook(await signEvent(event, signingKey), `${issuer.url}/`)).toEqual(event);
});

test("accepts what the user put into an event", async () => {
  await using issuer = await openIssuer();
  const data = { user: { first_name: "Zoë 🚀", organizations: null } };
  const created = createEvent(
    "user.created",
    { data, set: { "user.10": 1, "user.9": 2 } },
    { now, randomBytes },
  );
  expect(await decodeWebhook(await signEvent(created, signingKey), issuer.url)).toEqual(created);
});

test("refuses a foreign key, under its own key id and under ours", async () => {
  await using issuer = await openIssuer();
  expect(await decodeWebhook(await signEvent(event, foreignKey), issuer.url)).toBeNull();
  const disguised = { ...foreignKey, kid: signingKey.kid };
  expect(await decodeWebhook(await signEvent(event, disguised), issuer.url)).toBeNull();
  expect(issuer.hasServedJwks()).toBe(true);
});
