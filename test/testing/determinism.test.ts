import { describe, expect, test } from "vitest";
import {
  startMockKinde,
  type Delivery,
  type MockKinde,
  type StartMockKindeOptions,
} from "../../src/index.ts";
import { readClaims } from "../../src/kinde/verify.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";

const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const fixed = { signingKey, now, randomSeed: 42 };

/** All that a test may hold against a snapshot: what the app gets, and what follows from the seed. */
async function play(options: StartMockKindeOptions, part: (kinde: MockKinde) => Promise<unknown>) {
  await using kinde = await startMockKinde(options);
  await part(kinde);
  return {
    webhooks: kinde.webhooks,
    deliveries: kinde.deliveries.map(({ id, webhookId, token, event, createdAt, attempts }) => {
      return { id, webhookId, token, event, createdAt, startedAt: attempts[0]?.startedAt };
    }),
  };
}

describe("with a fixed time, seed and key", () => {
  test("two mocks emit the same: tokens, ids, times, webhooks", async () => {
    await using receiver = await startReceiver();
    const webhooks = [{ endpoint: receiver.url }, { endpoint: `${receiver.url}/2` }];
    const part = async (kinde: MockKinde): Promise<void> => {
      await kinde.emit("user.created");
      await kinde.emit("user.updated", { data: { user: { email: "ada@example.com" } } });
    };
    const first = await play({ ...fixed, webhooks }, part);
    expect(first.deliveries).toHaveLength(4);
    expect(new Set(first.deliveries.map(({ id }) => id)).size).toBe(4);
    expect(await play({ ...fixed, webhooks }, part)).toEqual(first);
  });

  test("so they do when events are emitted at once", async () => {
    await using receiver = await startReceiver();
    const webhooks = [{ endpoint: receiver.url }];
    const part = async (kinde: MockKinde): Promise<void> => {
      const types = ["user.created", "role.created", "user.deleted", "role.deleted", "user.updated"] as const;
      await Promise.all(types.map((type) => kinde.emit(type)));
    };
    const first = await play({ ...fixed, webhooks }, part);
    for (let round = 0; round < 5; round++) {
      expect(await play({ ...fixed, webhooks }, part)).toEqual(first);
    }
  });

  test("so they do when they attempt again: the same advances give the same deliveries, to the last attempt", async () => {
    const part = async (kinde: MockKinde): Promise<void> => {
      await kinde.emit("user.created");
      await kinde.clock.advance("3m");
      await kinde.emit("user.updated");
      for (const by of ["1h", 90_000, "40h"]) await kinde.clock.advance(by);
    };
    const rounds: Delivery[][] = [];
    for (let round = 0; round < 3; round++) {
      await using receiver = await startReceiver({ answers: [500, 200, 500, 500, 500, 500, 200] });
      await using kinde = await startMockKinde({ ...fixed, webhooks: [{ endpoint: receiver.url }] });
      await part(kinde);
      rounds.push(kinde.deliveries.map((delivery) => withoutPorts(delivery)));
    }
    const [first, ...others] = rounds;
    expect(first).toMatchObject([
      { state: "delivered", attempts: [{}, {}] },
      { state: "delivered", attempts: [{}, {}, {}, {}, {}] },
    ]);
    expect(first?.[1]?.event?.timestamp).toBe(new Date(now + 180_000).toISOString());
    for (const other of others) expect(other).toEqual(first);
  });

  test("so they do after a reset, but for the ids of the webhooks, which stay", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMockKinde({ ...fixed, webhooks: [{ endpoint: receiver.url }] });
    const { webhooks } = kinde;
    const first = await kinde.emit("user.created");
    expect((await kinde.emit("user.created")).token).not.toBe(first.token);
    await kinde.reset();
    const again = await kinde.emit("user.created");
    expect([again.id, again.webhookId, again.token]).toEqual([first.id, first.webhookId, first.token]);
    expect(kinde.webhooks).toBe(webhooks);
  });

  test("a delivery is the same whole, but for what the app answered", async () => {
    const port = await findFreePort();
    await using receiver = await startReceiver();
    const whole = async (): Promise<Delivery> => {
      await using kinde = await startMockKinde({ ...fixed, port });
      return await kinde.emit("user.created", { to: receiver.url });
    };
    const [first, again] = [await whole(), await whole()];
    const [attempt] = first.attempts;
    const headers = { ...attempt?.response?.headers, date: expect.any(String) as string };
    expect(again).toEqual({
      ...first,
      attempts: [{ ...attempt, response: { ...attempt?.response, headers } }],
    });
    expect(attempt).toMatchObject({ durationMs: 0, startedAt: "2026-01-02T03:04:05.678Z" });
  });

  test("a call that fails changes nothing for the next", async () => {
    await using failing = await startMockKinde(fixed);
    const set = { "user.email.x": 1 };
    await expect(failing.createRequest("user.created", { set })).rejects.toThrow("user.email.x");
    await using kinde = await startMockKinde(fixed);
    const texts = [failing, kinde].map(async (each) => (await each.createRequest("user.created")).text());
    const [after, without] = await Promise.all(texts);
    expect(after).toBe(without);
  });

  test("an event is this one, whatever version made it", async () => {
    await using kinde = await startMockKinde({ ...fixed, randomSeed: "snapshot" });
    const request = await kinde.createRequest("user.deleted");
    expect(request.headers.get("webhook-id")).toMatchInlineSnapshot(`"8a411cd54dbc3ee7bd9b5d1021539e85"`);
    expect(readClaims(await request.text())).toMatchInlineSnapshot(`
      {
        "data": {
          "user": {
            "id": "kp_65b28d71bba14fa380d56d2d8d3503da",
          },
        },
        "event_id": "event_019b7ca98f2ec1064cd8ed1e15039a1e",
        "event_timestamp": "2026-01-02T03:04:05.678Z",
        "source": "api",
        "timestamp": "2026-01-02T03:04:05.678Z",
        "type": "user.deleted",
      }
    `);
  });
});

test.each([
  ["a Date", new Date(now)],
  ["epoch milliseconds", now],
])("now may be %s, and stands still", async (_, given) => {
  await using kinde = await startMockKinde({ signingKey, now: given });
  for (let round = 0; round < 2; round++) {
    const claims = readClaims(await (await kinde.createRequest("user.created")).text());
    expect(claims).toMatchObject({ timestamp: "2026-01-02T03:04:05.678Z" });
  }
});

describe("ids differ", () => {
  const webhookIdOf = async (options: StartMockKindeOptions): Promise<string | null> => {
    await using kinde = await startMockKinde({ signingKey, now, ...options });
    return (await kinde.createRequest("user.created")).headers.get("webhook-id");
  };

  test("with another seed", async () => {
    const seeds = ["a", "b", "", 0, 1, 1.5];
    const ids = await Promise.all(seeds.map((randomSeed) => webhookIdOf({ randomSeed })));
    expect(new Set(ids).size).toBe(seeds.length);
  });

  test("without a seed", async () => {
    expect(await webhookIdOf({})).not.toBe(await webhookIdOf({}));
  });
});

test("another key changes the token, and nothing else", async () => {
  await using first = await startMockKinde(fixed);
  await using second = await startMockKinde({ ...fixed, signingKey: foreignKey });
  const tokens = [first, second].map(async (kinde) => (await kinde.createRequest("user.created")).text());
  const [one = "", other = ""] = await Promise.all(tokens);
  expect(one).not.toBe(other);
  expect(readClaims(one)).toEqual(readClaims(other));
});

/** What the system, and not the seed, has given out: ports, and the date in the app's answer. */
function withoutPorts(delivery: Delivery): Delivery {
  const text = JSON.stringify({
    ...delivery,
    attempts: delivery.attempts.map((attempt) => ({ ...attempt, response: null })),
  });
  return JSON.parse(text.replaceAll(/(?<=127\.0\.0\.1:|localhost:)\d+/g, "0")) as Delivery;
}
