import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { startMockKinde } from "../../src/index.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";

test("a hundred retries at most are under way at once, however many fall due at one moment", async () => {
  const count = 150;
  const held: ServerResponse[] = [];
  let isHolding = true;
  const holdOrTake: Answer = (response) => {
    if (isHolding) held.push(response);
    else response.end();
  };
  await using app = await startReceiver({ answers: [...Array<number>(count).fill(500), holdOrTake] });
  await using other = await startReceiver();
  // The time stands still: all of them are refused, and fall due, at the same millisecond.
  await using kinde = await startMockKinde({ signingKey, now: 0, webhooks: [{ endpoint: app.url }] });
  for (let number = 0; number < count; number++) await kinde.emit("user.created");

  const advancing = kinde.clock.advance("5s");
  for (let number = 0; number < count + 100; number++) await app.next();
  // Requests that were begun after them have been there and back: no other of them is on its way.
  for (let number = 0; number < 20; number++) await kinde.emit("user.created", { to: other.url });
  expect(held).toHaveLength(100);

  isHolding = false;
  for (const response of held) response.end();
  await advancing;
  expect(app.requests).toHaveLength(2 * count);
  expect(kinde.deliveries.filter(({ state }) => state !== "delivered")).toEqual([]);
});
