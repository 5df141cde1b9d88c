/** Keys, discovery, and what the tunnel's gate makes of tokens that Kinde's keys sign. */
import { expect } from "vitest";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { createSigningKey } from "../../src/kinde/signing-key.ts";
import { openIssuer } from "../clients/local-issuer.ts";
import { signingKey } from "../helpers/keys.ts";
import { ask } from "../issuer/ask.ts";
import type { Fact } from "./fact.ts";
import { judge } from "./judge.ts";

export const issuerFacts: readonly Fact[] = [
  {
    kinde: 'a key: RSA of 2048 bits or more, `use: "sig"`, a key id of 16 hex bytes joined by colons',
    sure: "sure",
    weDo: "the same",
    prove: async () => {
      const { publicJwk, privateKey, kid } = await createSigningKey();
      expect(publicJwk).toMatchObject({ kty: "RSA", use: "sig", alg: "RS256", kid });
      expect(privateKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
      expect(kid).toMatch(/^[\da-f]{2}(:[\da-f]{2}){15}$/);
    },
  },
  {
    kinde: "the JWKS at `/.well-known/jwks` and `/.well-known/jwks.json`",
    sure: "sure",
    weDo: "the same; a doubled slash in front is no matter",
    prove: async () => {
      await using issuer = await openIssuer();
      for (const path of ["/.well-known/jwks", "/.well-known/jwks.json"]) {
        for (const asked of [path, `/${path}`]) {
          const { status, json } = await ask(issuer.port, asked);
          expect({ asked, status, json }).toEqual({
            asked,
            status: 200,
            json: { keys: [signingKey.publicJwk] },
          });
        }
      }
    },
  },
  {
    kinde: "`/.well-known/openid-configuration`",
    sure: "sure that it is there; six of its endpoints are known",
    weDo: "these six, `jwks_uri`, and as `issuer` the URL you called",
    prove: async () => {
      await using issuer = await openIssuer();
      const { json } = await ask(issuer.port, "/.well-known/openid-configuration", {
        headers: { host: `localhost:${issuer.port}` },
      });
      const members = json as Readonly<Record<string, string>>;
      expect(members).toMatchObject({ issuer: issuer.url, jwks_uri: `${issuer.url}/.well-known/jwks` });
      const endpoints = Object.keys(members).filter((name) => name.endsWith("_endpoint"));
      expect(endpoints.map((name) => members[name]!.replace(issuer.url, "")).toSorted()).toEqual([
        "/logout",
        "/oauth2/auth",
        "/oauth2/introspect",
        "/oauth2/revoke",
        "/oauth2/token",
        "/oauth2/v2/user_profile",
      ]);
    },
  },
  {
    kinde: "the same keys sign access, ID and M2M tokens",
    sure: "sure",
    weDo: "the tunnel refuses what carries `azp`, `sub`, `scp`, `scope` or `gty`",
    prove: async () => {
      for (const claim of ["azp", "sub", "scp", "scope", "gty"]) {
        expect(await judge({ [claim]: "x" })).toMatchObject({ isAdmitted: false, code: "ERR_ACCESS_TOKEN" });
      }
    },
  },
  {
    kinde: `event types beyond the ${eventTypes.length}`,
    sure: "none is known",
    weDo: "the tunnel lets them in like any other",
    prove: async () => {
      expect(await judge({ type: "subscription.started" })).toMatchObject({ isAdmitted: true });
    },
  },
];
