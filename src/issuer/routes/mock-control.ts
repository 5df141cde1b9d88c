/** The part of the control API that only a mock answers: events, its clock, its webhooks, and a new beginning. */
import { json, Router, type Request, type RequestHandler } from "express";
import { parseAdvance } from "../../kinde/duration.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import { describeValue, parseOptions } from "../../kinde/parse-option.ts";
import { parseEmitRequest, parseTo } from "../../mock/emit-request.ts";
import type { RegisteredWebhook } from "../../kinde/webhook.ts";
import { NoWebhookError } from "../../mock/errors.ts";
import type { EmitRequest, Mock } from "../../mock/mock.ts";
import { parseRateLimit } from "../../mock/rate-limit-order.ts";
import type { RateLimit } from "../../mock/rate-limit.ts";
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

const maxBodyBytes = 1 << 20;

/** @param mock `undefined` where nothing is emitted on behalf of others */
export function createMockControlRoutes(mock: MockControl | undefined): Router {
  const router = Router();
  const readJson = json({ limit: maxBodyBytes, strict: true });
  const readBody: RequestHandler = (request, response, next) => {
    assertJson(request);
    readJson(request, response, next);
  };
  if (mock === undefined) {
    router.post("/emit", readBody, (request) => {
      readEmitRequest(request.body);
      throw new NoWebhookError();
    });
    router.get("/webhooks", (_request, response) => {
      response.json({ webhooks: [] });
    });
    return router;
  }
  const clock = () => ({ now: new Date(mock.now()).toISOString() });
  router.post("/emit", readBody, async (request, response) => {
    const { deliveries } = await mock.emit(readEmitRequest(request.body));
    response.json({ deliveries });
  });
  router.get("/clock", (_request, response) => {
    response.json(clock());
  });
  router.post("/clock", readBody, async (request, response) => {
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
  router.post("/rate-limit", readBody, (request, response) => {
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

/** `curl -d` calls a body a form: unread, it would be taken for none, and what it asks for passed over. */
function assertJson(request: Request): void {
  // Where there is none it is `null`, but for one of a length that is told: 0.
  if (request.is("json") !== false || request.headers["content-length"] === "0") return;
  throw new InvalidOptionError(
    "the body",
    "JSON with content-type application/json",
    describeValue(request.headers["content-type"]),
    `With curl: -H "content-type: application/json".`,
  );
}

function readEmitRequest(body: unknown): EmitRequest {
  const to = parseTo(body, "the body");
  return { ...parseEmitRequest(body, "the body"), ...(to !== undefined && { to }) };
}
