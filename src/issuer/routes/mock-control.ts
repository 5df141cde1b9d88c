/** The part of the control API that only a mock answers: its clock, its webhooks, and a new beginning. */
import { Router, type RequestHandler } from "express";
import { parseAdvance } from "../../kinde/duration.ts";
import { parseOptions } from "../../kinde/parse-option.ts";
import type { RegisteredWebhook } from "../../kinde/webhook.ts";
import type { Mock } from "../../mock/mock.ts";
import { parseRateLimit } from "../../mock/rate-limit-order.ts";
import type { RateLimit } from "../../mock/rate-limit.ts";
import { readBody } from "./read-body.ts";
import { answerUnknown } from "./unknown-id.ts";

/** What is asked of a mock. */
export interface MockControl extends Pick<Mock, "advance" | "emit" | "pending" | "untilEnded"> {
  /** The time by which retries fall due, in epoch milliseconds. */
  readonly now: () => number;
  /** Of the Management API. */
  readonly rateLimit: RateLimit;
  readonly webhooks: () => readonly RegisteredWebhook[];
  /** Disables or enables a webhook by hand. @returns `undefined` when there is none with this id */
  setDisabled(webhookId: string, isDisabled: boolean): RegisteredWebhook | undefined;
  /** Calls off what is pending, and restores webhooks and time: as if just started. */
  reset(): Promise<void>;
}

/** @param mock `undefined` where there is none, and so no webhooks */
export function createMockControlRoutes(mock: MockControl | undefined): Router {
  const router = Router();
  if (mock === undefined) {
    router.get("/webhooks", (_request, response) => {
      response.json({ webhooks: [] });
    });
    return router;
  }
  const clock = () => ({ now: new Date(mock.now()).toISOString() });
  router.get("/clock", (_request, response) => {
    response.json(clock());
  });
  router.post("/clock", readBody(), async (request, response) => {
    const { advance } = parseOptions(request.body ?? {}, "the clock", ["advance"]);
    await mock.advance(parseAdvance(advance, "advance of the clock"));
    response.json(clock());
  });
  router.get("/webhooks", (_request, response) => {
    response.json({
      webhooks: mock.webhooks().map(({ id, endpoint, eventTypes, isDisabled }) => ({
        id,
        endpoint,
        eventTypes,
        isDisabled,
      })),
    });
  });
  const setDisabled =
    (isDisabled: boolean): RequestHandler<{ readonly id: string }> =>
    (request, response) => {
      const webhook = mock.setDisabled(request.params.id, isDisabled);
      if (webhook === undefined) answerUnknown(response, "webhook", request.params.id);
      else response.json({ webhook });
    };
  router.post("/webhooks/:id/enable", setDisabled(false));
  router.post("/webhooks/:id/disable", setDisabled(true));
  router.post("/rate-limit", readBody(), (request, response) => {
    const order = parseRateLimit(request.body, "the body");
    mock.rateLimit.limit(order);
    response.json(order);
  });
  router.post("/reset", async (_request, response) => {
    await mock.reset();
    response.json(clock());
  });
  return router;
}
