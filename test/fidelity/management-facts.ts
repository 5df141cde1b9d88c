/** Tokens and the Management API, as the mock imitates them. */
import { expect } from "vitest";
import { eventSchema } from "../../src/kinde/event-schema.ts";
import { createEvent } from "../../src/testing/create-event.ts";
import { craftToken, decodePart } from "../kinde/craft-token.ts";
import { ask, errorCode } from "../issuer/ask.ts";
import {
  fetchToken,
  listWebhooks,
  order,
  register,
  startManagementMock,
} from "../issuer/routes/management-mock.ts";
import type { Fact } from "./fact.ts";

export const managementFacts: readonly Fact[] = [
  {
    kinde: "`code` and `message` of the answers about webhooks",
    sure: "undocumented",
    weDo: "`WEBHOOK_CREATED`, `WEBHOOK_UPDATED`, `WEBHOOK_DELETED`; a list is `OK`",
    prove: async () => {
      await using managed = await startManagementMock();
      const id = await register(managed);
      const codes = [
        await managed.call("POST", "/webhooks", { body: order }),
        await managed.call("PATCH", `/webhooks/${id}`, { body: { name: "new" } }),
        await managed.call("DELETE", `/webhooks/${id}`),
        await managed.call("GET", "/webhooks"),
      ].map(({ json }) => (json as { readonly code: string }).code);
      expect(codes).toEqual(["WEBHOOK_CREATED", "WEBHOOK_UPDATED", "WEBHOOK_DELETED", "OK"]);
    },
  },
  {
    kinde: "a call with a missing, an expired or a foreign token",
    sure: "the description has 403 alone; the code is undocumented",
    weDo: "403 `TOKEN_INVALID`",
    prove: async () => {
      await using managed = await startManagementMock();
      for (const token of [null, "foreign"]) {
        const answered = await managed.call("GET", "/webhooks", { token });
        expect([answered.status, errorCode(answered)]).toEqual([403, "TOKEN_INVALID"]);
      }
    },
  },
  {
    kinde: "a call with a token that lacks the scope",
    sure: "the code `SCOPE_MISSING` is; the status is our reading",
    weDo: "403 `SCOPE_MISSING`",
    prove: async () => {
      await using managed = await startManagementMock();
      const token = await fetchToken(managed.mock.port, "read:events");
      const answered = await managed.call("GET", "/webhooks", { token });
      expect([answered.status, errorCode(answered)]).toEqual([403, "SCOPE_MISSING"]);
    },
  },
  {
    kinde: "the audience of a token for these calls",
    sure: "`<issuer>/api`; what another one gets is undocumented",
    weDo: "not looked at",
    prove: async () => {
      await using managed = await startManagementMock();
      const form = { grant_type: "client_credentials", client_id: "a", client_secret: "b" };
      const { json } = await ask(managed.mock.port, "/oauth2/token", {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ ...form, audience: "https://api.acme.example" }).toString(),
      });
      const token = (json as { readonly access_token: string }).access_token;
      expect((await managed.call("GET", "/webhooks", { token })).status).toBe(200);
    },
  },
  {
    kinde: "a webhook or an event that is not there",
    sure: "undocumented",
    weDo: "404 `WEBHOOK_NOT_FOUND`, `EVENT_NOT_FOUND`",
    prove: async () => {
      await using managed = await startManagementMock();
      const [webhook, event] = [
        await managed.call("DELETE", "/webhooks/webhook_0"),
        await managed.call("GET", "/events/event_0"),
      ];
      expect([webhook.status, errorCode(webhook)]).toEqual([404, "WEBHOOK_NOT_FOUND"]);
      expect([event.status, errorCode(event)]).toEqual([404, "EVENT_NOT_FOUND"]);
    },
  },
  {
    kinde: "a webhook with a wrong member",
    sure: "400 with `errors`; the codes are undocumented",
    weDo: "400, and a code for each member: `ENDPOINT_INVALID`, `EVENT_TYPES_INVALID`, `NAME_INVALID` …",
    prove: async () => {
      await using managed = await startManagementMock();
      for (const name of ["endpoint", "event_types", "name", "description"]) {
        const answered = await managed.call("POST", "/webhooks", { body: { ...order, [name]: 1 } });
        expect([answered.status, errorCode(answered)]).toEqual([400, `${name.toUpperCase()}_INVALID`]);
      }
    },
  },
  {
    kinde: "too many calls",
    sure: "429 with `RateLimit-Reset` in seconds; when, and its body, undocumented",
    weDo: "429 `TOO_MANY_REQUESTS` when it is asked for, and only then",
    prove: async () => {
      await using managed = await startManagementMock();
      for (let call = 0; call < 100; call++) {
        expect((await managed.call("GET", "/webhooks", { token: null })).status).toBe(403);
      }
      managed.mock.rateLimit.limit({ calls: 1, resetSeconds: 5 });
      const answered = await managed.call("GET", "/webhooks");
      expect([answered.status, errorCode(answered)]).toEqual([429, "TOO_MANY_REQUESTS"]);
      expect(answered.headers["ratelimit-reset"]).toBe("5");
    },
  },
  {
    kinde: "PATCH of a webhook with an `endpoint`",
    sure: "the description has no such member; the answer is undocumented",
    weDo: "400 `ENDPOINT_INVALID`",
    prove: async () => {
      await using managed = await startManagementMock();
      const body = { endpoint: order.endpoint };
      const answered = await managed.call("PATCH", `/webhooks/${await register(managed)}`, { body });
      expect([answered.status, errorCode(answered)]).toEqual([400, "ENDPOINT_INVALID"]);
    },
  },
  {
    kinde: "`endpoint` of a webhook",
    sure: "https is demanded",
    weDo: "http too, for apps under development; `--strict` demands https",
    prove: async () => {
      await using lenient = await startManagementMock();
      await using strict = await startManagementMock({ isStrict: true });
      expect(order.endpoint).toMatch(/^http:/);
      expect((await lenient.call("POST", "/webhooks", { body: order })).status).toBe(200);
      expect((await strict.call("POST", "/webhooks", { body: order })).status).toBe(400);
    },
  },
  {
    kinde: "`description` and `created_on` of a webhook",
    sure: "text, ISO 8601; whether `null` and with what precision is undocumented",
    weDo: "`null` without one; milliseconds and `Z`",
    prove: async () => {
      await using managed = await startManagementMock();
      await register(managed);
      expect(await listWebhooks(managed)).toMatchObject([
        { description: null, created_on: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) },
      ]);
    },
  },
  {
    kinde: "`timestamp` of `GET /api/v1/events/{id}`",
    sure: "the description says integer and ISO 8601 at once",
    weDo: "the text of the token",
    prove: async () => {
      const timestamp = "2026-01-02T03:04:05.678Z";
      const token = craftToken({ claims: { ...createEvent("user.created"), timestamp } });
      await using managed = await startManagementMock({ findToken: () => Promise.resolve(token) });
      expect((await managed.call("GET", "/events/event_0")).json).toMatchObject({
        event: { timestamp },
      });
    },
  },
  {
    kinde: "`schema` of an event type",
    sure: "a JSON Schema (2020-12); its content is undocumented",
    weDo: "made from our sample; members of `data` may be missing or `null`",
    prove: async () => {
      await using managed = await startManagementMock();
      const { json } = await managed.call("GET", "/event_types");
      const { event_types: listed } = json as { event_types: { code: string; schema: object }[] };
      const { schema } = listed.find(({ code }) => code === "user.created")!;
      expect(schema).toEqual(eventSchema("user.created"));
      expect(schema).toMatchObject({
        $schema: "https://json-schema.org/draft/2020-12/schema",
        properties: { data: { properties: { user: { type: ["object", "null"] } } } },
      });
    },
  },
  {
    kinde: "the claims of an M2M token: `aud`, `azp`, `exp`, `gty`, `iat`, `iss`, `jti`, `scope`, `scp`, `v`",
    sure: "sure",
    weDo: "the same, good for an hour; `iss` is the URL you called",
    prove: async () => {
      await using managed = await startManagementMock();
      const claims = JSON.parse(decodePart(await fetchToken(managed.mock.port), 1)) as Record<
        string,
        unknown
      >;
      const names = ["aud", "azp", "exp", "gty", "iat", "iss", "jti", "scope", "scp", "v"];
      expect(Object.keys(claims)).toEqual(names);
      expect(Number(claims["exp"]) - Number(claims["iat"])).toBe(3600);
      expect(claims["iss"]).toBe(`http://127.0.0.1:${managed.mock.port}`);
    },
  },
];
