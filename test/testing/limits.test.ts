/** What an app meets that Kinde holds to a plan, to https and to a client: `client`, `strict`, `maxWebhooks`, `limitRate`. */
import { describe, expect, test } from "vitest";
import { startMockKinde, type MockKinde } from "../../src/index.ts";
import { signingKey } from "../helpers/keys.ts";
import { ask, errorCode, type Answered } from "../issuer/ask.ts";
import { callManagement, order } from "../issuer/routes/management-mock.ts";

async function askForToken({ port }: MockKinde, id: string, secret: string): Promise<Answered> {
  return await ask(port, "/oauth2/token", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: id,
      client_secret: secret,
    }).toString(),
  });
}

async function register({ port }: MockKinde, endpoint: string = order.endpoint): Promise<Answered> {
  return await callManagement(port, "POST", "/webhooks", { body: { ...order, endpoint } });
}

async function list({ port }: MockKinde): Promise<Answered> {
  return await callManagement(port, "GET", "/webhooks");
}

test("client is the one application that gets a token", async () => {
  await using kinde = await startMockKinde({ signingKey, client: { id: "my-app", secret: "it:s" } });
  expect((await askForToken(kinde, "my-app", "it:s")).status).toBe(200);
  for (const [id, secret] of [
    ["my-app", "its"],
    ["my-app:it", "s"],
  ] as const) {
    const refused = await askForToken(kinde, id, secret);
    expect([refused.status, refused.json]).toMatchObject([401, { error: "invalid_client" }]);
  }
});

test.each([
  [undefined, 200],
  [false, 200],
  [true, 400],
])("strict: %s answers an http endpoint with %i, and takes https", async (strict, status) => {
  await using kinde = await startMockKinde({ signingKey, strict });
  expect((await register(kinde)).status).toBe(status);
  expect((await register(kinde, "https://app.example.com/api/webhook")).status).toBe(200);
});

test("maxWebhooks counts those from the start, and is there again after a reset", async () => {
  const webhooks = [{ endpoint: order.endpoint }];
  await using kinde = await startMockKinde({ signingKey, webhooks, maxWebhooks: 1 });
  for (const when of ["before", "after"]) {
    const refused = await register(kinde);
    expect([when, refused.status, errorCode(refused)]).toEqual([when, 400, "WEBHOOK_LIMIT_REACHED"]);
    await callManagement(kinde.port, "DELETE", `/webhooks/${kinde.webhooks[0]?.id}`);
    expect((await register(kinde)).status).toBe(200);
    await kinde.reset();
  }
});

describe("limitRate", () => {
  test("refuses as many of the next calls, and says when to try again", async () => {
    await using kinde = await startMockKinde({ signingKey });
    kinde.limitRate({ calls: 2, resetSeconds: 9 });
    const answers = [await list(kinde), await list(kinde), await list(kinde)];
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 200]);
    expect(answers.map(({ headers }) => headers["ratelimit-reset"])).toEqual(["9", "9", undefined]);
  });

  test("refuses one call for a second when nothing else is said", async () => {
    await using kinde = await startMockKinde({ signingKey });
    kinde.limitRate();
    expect(await list(kinde)).toMatchObject({ status: 429, headers: { "ratelimit-reset": "1" } });
    expect((await list(kinde)).status).toBe(200);
  });

  test("ends with 0 calls, and with a reset", async () => {
    await using kinde = await startMockKinde({ signingKey });
    kinde.limitRate({ calls: 9 });
    kinde.limitRate({ calls: 0 });
    expect((await list(kinde)).status).toBe(200);
    kinde.limitRate({ calls: 9 });
    await kinde.reset();
    expect((await list(kinde)).status).toBe(200);
  });

  test("changes nothing that is emitted", async () => {
    await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: "http://127.0.0.1:9/" }] });
    kinde.limitRate();
    expect((await kinde.emit("user.created")).state).toBe("pending");
    expect((await list(kinde)).status).toBe(429);
  });
});
