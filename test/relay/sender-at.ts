/** One sender of webhooks to an intake. */
import { setImmediate as turn } from "node:timers/promises";
import type { EventType } from "../../src/kinde/event-data.ts";
import { requestBytes } from "../attacks/attack.ts";
import type { ReceivedRequest } from "../helpers/receiver.ts";
import { createWebhook } from "./create-webhook.ts";
import type { TestIntake } from "./test-intake.ts";
import { openWire, type WireAnswer } from "./wire.ts";

export interface SenderAt extends Disposable {
  /** The answer to what was sent, if there is one. */
  readonly answer: Promise<WireAnswer | undefined>;
}

/** Sends a webhook on a connection of its own, and returns when its attempts have begun. */
export async function sendTo(
  intake: TestIntake,
  webhookId: string,
  { type, endpoints = 1 }: { readonly type?: EventType; readonly endpoints?: number } = {},
): Promise<SenderAt> {
  const wire = await openWire(intake.port);
  const begun = intake.begun.length;
  await wire.write(requestBytes({ headers: { "webhook-id": webhookId }, body: createWebhook(type) }));
  while (intake.begun.length < begun + endpoints) await turn();
  return { answer: wire.answer(), [Symbol.dispose]: () => wire[Symbol.dispose]() };
}

/** The ids of the webhooks that an app has got, in order. */
export function idsAt(app: { readonly requests: readonly ReceivedRequest[] }): string[] {
  return app.requests.map(({ headers }) => String(headers["webhook-id"]));
}
