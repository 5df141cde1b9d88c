/** `createRemoteJWKSet` and `jwtVerify` of jose: what handlers use that verify by themselves. */
import { randomBytes } from "node:crypto";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { describe, expect, test } from "vitest";
import { createEvent } from "../../src/kinde/events.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { jwksPaths } from "../../src/kinde/jwks.ts";
import { signEvent } from "../../src/kinde/sign.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { openIssuer } from "./local-issuer.ts";
import { tamperWithClaims } from "./tamper.ts";

const now = Date.UTC(2026, 7, 1);
const event = createEvent("user.created", {}, { now, randomBytes });
const badSignature = expect.objectContaining({ code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" }) as Error;
const unknownKey = expect.objectContaining({ code: "ERR_JWKS_NO_MATCHING_KEY" }) as Error;

describe.each(eventTypes)("%s", (type) => {
  test("is accepted as it was created, and refused with other claims", async () => {
    await using issuer = await openIssuer();
    const jwks = createRemoteJWKSet(new URL("/.well-known/jwks", issuer.url));
    const created = createEvent(type, {}, { now, randomBytes });
    const token = await signEvent(created, signingKey);
    const { payload, protectedHeader } = await jwtVerify(token, jwks, { algorithms: ["RS256"] });
    expect(payload).toEqual(created);
    expect(protectedHeader).toEqual({ alg: "RS256", kid: signingKey.kid, typ: "JWT" });
    await expect(jwtVerify(tamperWithClaims(token, { source: "admin" }), jwks)).rejects.toThrow(badSignature);
  });
});

test.each([...jwksPaths, ...jwksPaths.map((path) => `/${path}`)])("finds the JWKS at %s", async (path) => {
  await using issuer = await openIssuer();
  const jwks = createRemoteJWKSet(new URL(issuer.url + path));
  expect((await jwtVerify(await signEvent(event, signingKey), jwks)).payload).toEqual(event);
});

test.each(["127.0.0.1", "localhost"])("finds the JWKS by the name %s", async (name) => {
  await using issuer = await openIssuer();
  const jwks = createRemoteJWKSet(new URL(`http://${name}:${issuer.port}/.well-known/jwks`));
  expect((await jwtVerify(await signEvent(event, signingKey), jwks)).payload).toEqual(event);
});

test("refuses a foreign key, under its own key id and under ours", async () => {
  await using issuer = await openIssuer();
  const jwks = createRemoteJWKSet(new URL("/.well-known/jwks", issuer.url));
  await expect(jwtVerify(await signEvent(event, foreignKey), jwks)).rejects.toThrow(unknownKey);
  const disguised = { ...foreignKey, kid: signingKey.kid };
  await expect(jwtVerify(await signEvent(event, disguised), jwks)).rejects.toThrow(badSignature);
});
