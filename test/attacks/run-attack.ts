/** Runs a row of the table against a scene, and asserts all that must hold of it. */
import { expect } from "vitest";
import type { RefusedRequest } from "../../src/relay/intake.ts";
import { headerOf, openWire, type WireAnswer } from "../relay/wire.ts";
import { requestBytes, type Attack } from "./attack.ts";
import type { Scene } from "./scene.ts";

// What node:http itself puts into every answer, and what a sender needs to try again.
const plainHeaders = new Set(["connection", "content-length", "date", "keep-alive", "retry-after"]);

/** @returns the one record of it */
export async function runAttack(scene: Scene, attack: Attack): Promise<RefusedRequest> {
  const { intake, app, trap } = scene;
  const before = { refused: intake.refused.length, app: app.requests.length };
  using wire = await openWire(intake.port);
  await wire.write(attack.bytes(scene));
  const answer = await wire.answer();
  expect(answer?.status ?? null).toBe(attack.status);
  if (answer !== undefined) expectToTellNothing(answer);
  if (attack.endsConnection === true) {
    // One answer and no other: nothing behind it was taken for a request.
    expect(await wire.ended).toEqual([]);
  }
  const records = intake.refused.slice(before.refused);
  expect(records).toHaveLength(1);
  expect(app.requests).toHaveLength(before.app);
  // On the same connection where it stays, so that it is not out of step either.
  if (attack.endsConnection === true) await deliverGenuine(scene);
  else await deliverGenuine(scene, wire);
  expect(trap.requests).toEqual([]);
  expect(intake.failures).toEqual([]);
  return records[0]!;
}

/** Empty, and without a word on what answers. */
export function expectToTellNothing({ headers, body }: WireAnswer): void {
  expect(body.toString("latin1")).toBe("");
  expect(headers.filter(([name]) => !plainHeaders.has(name.toLowerCase()))).toEqual([]);
}

/** A genuine webhook gets through, and it alone. */
export async function deliverGenuine(
  { intake, app, kinde }: Scene,
  wire?: Awaited<ReturnType<typeof openWire>>,
): Promise<void> {
  const before = app.requests.length;
  const token = kinde.signWebhook("user.created");
  using own = wire === undefined ? await openWire(intake.port) : undefined;
  const used = wire ?? own!;
  await used.write(requestBytes({ headers: { "webhook-id": token.slice(-16) }, body: token }));
  const answer = await used.answer();
  expect(answer).toMatchObject({ status: 200 });
  expect(headerOf(answer!, "content-length")).toBe("0");
  expect(app.requests.slice(before).map(({ body }) => body.toString())).toEqual([token]);
}
