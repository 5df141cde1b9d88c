/** The Management API of `startMockKinde`: what an app registers there is a webhook like those from the start. */
import { describe, expect, test } from "vitest";
import { decodeToken, startMockKinde, type MockKinde } from "../../src/index.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { ask, errorCode, type Answered } from "../issuer/ask.ts";
import { callManagement, fetchToken, order } from "../issuer/routes/management-mock.ts";

const fixed = { signingKey, now: Date.UTC(2026, 0, 2), randomSeed: 42 };

async function register({ port }: MockKinde, endpoint: string, token?: string): Promise<string> {
  const { json } = await callManagement(port, "POST", "/webhooks", { body: { ...order, endpoint }, token });
  return (json as { readonly webhook: { readonly id: string } }).webhook.id;
}

describe("a webhook that an app registers", () => {
  test("gets what is emitted, is shown, and gives its URL to requests", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMockKinde({ signingKey });
    await expect(kinde.emit("user.created")).rejects.toMatchObject({ code: "ERR_NO_WEBHOOK" });
    const id = await register(kinde, receiver.url);
    expect(kinde.webhooks).toMatchObject([
      { id, endpoint: receiver.url, eventTypes: order.event_types, name: order.name, description: null },
    ]);
    expect(await kinde.emit("user.created")).toMatchObject({ state: "delivered", endpoint: receiver.url });
    expect((await kinde.createRequest("user.created")).url).toBe(receiver.url);
    await expect(kinde.emit("user.deleted")).rejects.toMatchObject({ code: "ERR_NO_WEBHOOK" });
    expect(receiver.requests).toHaveLength(1);
  });

  test("is dropped by reset, and those from the start come back", async () => {
    await using receiver = await startReceiver();
    await using other = await startReceiver();
    await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: receiver.url }] });
    const { webhooks } = kinde;
    await register(kinde, other.url);
    await callManagement(kinde.port, "DELETE", `/webhooks/${webhooks[0]?.id}`);
    expect(kinde.webhooks.map(({ endpoint }) => endpoint)).toEqual([other.url]);
    await kinde.reset();
    expect(kinde.webhooks).toEqual(webhooks);
    await kinde.emit("user.created");
    expect([receiver.requests.length, other.requests.length]).toEqual([1, 0]);
  });
});

test("an event is found by its id while the app handles it and afterwards, until a reset", async () => {
  const statuses: (number | undefined)[] = [];
  const find = async (): Promise<void> => {
    const { status } = await callManagement(kinde.port, "GET", `/events/${kinde.deliveries[0]?.event?.id}`);
    statuses.push(status);
  };
  await using receiver = await startReceiver({
    answers: [
      async (response) => {
        await find();
        response.end();
      },
    ],
  });
  await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: receiver.url }] });
  const { event } = await kinde.emit("user.created");
  await find();
  expect(statuses).toEqual([200, 200]);
  await kinde.reset();
  expect((await callManagement(kinde.port, "GET", `/events/${event?.id}`)).status).toBe(404);
});

test("a token that is fetched between two events shifts none of their seeded ids", async () => {
  await using receiver = await startReceiver();
  const play = async (between: (kinde: MockKinde) => Promise<unknown>): Promise<readonly unknown[]> => {
    await using kinde = await startMockKinde({ ...fixed, webhooks: [{ endpoint: receiver.url }] });
    const first = await kinde.emit("user.created");
    await between(kinde);
    const second = await kinde.emit("user.created");
    return [first, second].map(({ id, webhookId, token }) => ({ id, webhookId, token }));
  };
  const quiet = await play(() => Promise.resolve());
  expect(await play(({ port }) => fetchToken(port))).toEqual(quiet);
  expect(await play(({ port }) => callManagement(port, "GET", "/webhooks"))).toEqual(quiet);
});

test("the same registrations get the same ids from a seed", async () => {
  const idsOf = async (): Promise<string[]> => {
    await using kinde = await startMockKinde(fixed);
    return [await register(kinde, order.endpoint), await register(kinde, order.endpoint)];
  };
  const ids = await idsOf();
  expect(ids[0]).not.toBe(ids[1]);
  expect(await idsOf()).toEqual(ids);
});

test("a fixed time is also that of tokens: they do not expire", async () => {
  await using kinde = await startMockKinde(fixed);
  const token = await fetchToken(kinde.port);
  await register(kinde, order.endpoint, token);
  expect(kinde.webhooks).toMatchObject([{ createdOn: "2026-01-02T00:00:00.000Z" }]);
});

test("a token of another mock opens nothing here, though one key signs for both", async () => {
  await using first = await startMockKinde({ signingKey });
  await using second = await startMockKinde({ signingKey });
  const token = await fetchToken(first.port);
  expect((await callManagement(first.port, "GET", "/webhooks", { token })).status).toBe(200);
  const answered = await callManagement(second.port, "GET", "/webhooks", { token });
  expect([answered.status, errorCode(answered)]).toEqual([403, "TOKEN_INVALID"]);
});

test("a token is good by whatever name the mock is called, and behind another port of its own", async () => {
  await using kinde = await startMockKinde({ signingKey });
  const { json } = await ask(kinde.port, "/oauth2/token", {
    method: "POST",
    headers: { host: `localhost:${kinde.port}`, "content-type": "application/x-www-form-urlencoded" },
    body: "grant_type=client_credentials&client_id=a&client_secret=b",
  });
  const authorization = `Bearer ${(json as { readonly access_token: string }).access_token}`;
  for (const [host, status] of [
    [`localhost:${kinde.port}`, 200],
    [`127.0.0.1:${kinde.port}`, 200],
    ["localhost:1", 200],
  ] as const) {
    expect((await ask(kinde.port, "/api/v1/webhooks", { headers: { host, authorization } })).status).toBe(
      status,
    );
  }
});

test("the event of a request that was created is found by its id, until a reset", async () => {
  await using kinde = await startMockKinde({ signingKey });
  const request = await kinde.createRequest("user.created");
  const event = decodeToken(await request.text());
  const find = async (): Promise<Answered> =>
    await callManagement(kinde.port, "GET", `/events/${event?.event_id}`);
  expect((await find()).json).toMatchObject({ event: { event_id: event?.event_id, data: event?.data } });
  await kinde.reset();
  expect((await find()).status).toBe(404);
});
