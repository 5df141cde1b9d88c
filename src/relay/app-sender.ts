/**
 * Sends to the app: each endpoint its turns, and a request that nothing was there to take once something is. What went
 * out, in part even, is never sent again, and nothing is whose sender has gone: it tries again itself.
 */
import { performance } from "node:perf_hooks";
import type { Clock } from "../delivery/clock.ts";
import type { Attempt } from "../delivery/delivery.ts";
import { leaveUnsent, send, type OutgoingRequest, type SendOptions, type Sent } from "../delivery/send.ts";
import { createHold, type Hold } from "./hold.ts";
import { createTurns } from "./turns.ts";
import type { Waiting } from "./waiting-room.ts";
import { createWaitingSenders, type SentBy } from "./waiting-senders.ts";

export interface AppSenderOptions {
  /** How long a request is held for an app that does not listen, in milliseconds; 0 for not at all. */
  readonly holdMs: number;
  /** How many requests an endpoint has at once; `undefined` for any number. */
  readonly concurrency: number | undefined;
  readonly clock: Clock;
  /** Cuts off what is under way, and ends all waits. */
  readonly abort: AbortSignal;
  /** Told whenever it shows whether something listens at an origin. */
  readonly onReach: (origin: string, isListening: boolean) => void;
}

/** What is to be sent, as `send` takes it, and for whom. */
export interface AppRequest extends SentBy {
  readonly outgoing: OutgoingRequest;
  readonly options: SendOptions;
}

/** As `send`; `heldMs` and `queuedMs` of the attempt tell of waits. */
export type SendToApp = (request: AppRequest) => Promise<Sent>;

const senderGone = {
  code: "ERR_SENDER_GONE",
  message: "its sender did not wait for it, and tries again: it was not sent",
};
const tunnelCut = { code: "ERR_ABORTED", message: "the tunnel has ended before its turn: it was not sent" };
const tooManyWaiting = {
  code: "ERR_TOO_MANY_WAITING",
  message: "too many wait for their turn at this endpoint already",
};

export function createAppSender(settings: AppSenderOptions): SendToApp {
  const { holdMs, concurrency, clock, abort, onReach } = settings;
  const hold = holdMs === 0 ? undefined : createHold({ limitMs: holdMs, clock, cut: abort, onLook: onReach });
  const turns = concurrency === undefined ? undefined : createTurns(concurrency, abort);

  const sendNow: SendToApp = async ({ endpoint, outgoing, options }) => {
    const sent = await send(endpoint, outgoing, options);
    const isAnswered = sent.attempt.status !== null;
    if (isAnswered) hold?.reached(endpoint.origin);
    if (isAnswered || isRefused(sent)) onReach(endpoint.origin, isAnswered);
    return sent;
  };
  /** After a wait. */
  const sendLater: SendToApp = async (request) => {
    const { sender, options } = request;
    const later = { ...request, options: { ...options, now: clock.now() } };
    return sender.isGone() ? unsent(later, senderGone) : await sendNow(later);
  };

  const waitingSenders = createWaitingSenders();
  /** Has a request wait, and its sender with it. */
  const wait = async (request: AppRequest, work: (waiting: AppRequest) => Promise<Sent>): Promise<Sent> => {
    const sender = waitingSenders.enter(request);
    try {
      return await work({ ...request, sender });
    } finally {
      sender.leave();
    }
  };

  /** @param since when the request came, by `performance.now()` */
  const sendHeld = async (by: Hold, request: AppRequest, since: number): Promise<Sent> => {
    const heldSince = performance.now();
    for (;;) {
      const ended = await by.wait(request.endpoint.origin, waitingOf(request, since));
      const heldMs = timeSince(heldSince);
      const sent = await sendLater(request);
      // It listened for a moment only.
      if (ended === "called" && isRefused(sent)) continue;
      return ended === "full" ? sent : withTime(sent, { heldMs });
    }
  };
  const sendOrHold = async (request: AppRequest, sendFirst: SendToApp, since: number): Promise<Sent> => {
    if (hold?.isHolding(request.endpoint.origin) !== true) {
      const sent = await sendFirst(request);
      if (hold === undefined || !isRefused(sent)) return sent;
    }
    return await wait(request, (waiting) => sendHeld(hold, waiting, since));
  };
  if (turns === undefined) {
    return (request) => {
      waitingSenders.arrived(request);
      return sendOrHold(request, sendNow, performance.now());
    };
  }

  const sendInTurn = async (request: AppRequest, since: number): Promise<Sent> => {
    const { href } = request.endpoint;
    const ended = await turns.wait(href, waitingOf(request, since));
    const queuedMs = timeSince(since);
    if (ended === "full") return unsent(request, tooManyWaiting);
    if (ended === "cut") return withTime(unsent(request, tunnelCut), { queuedMs });
    // Its sender has gone: then this sends nothing.
    if (ended !== "called") return withTime(await sendLater(request), { queuedMs });
    const sent = await sendOrHold(request, sendLater, since).finally(() => turns.giveBack(href));
    return withTime(sent, { queuedMs });
  };
  return async (request) => {
    const since = performance.now();
    const { href } = request.endpoint;
    waitingSenders.arrived(request);
    return turns.takeNow(href)
      ? await sendOrHold(request, sendNow, since).finally(() => turns.giveBack(href))
      : await wait(request, (waiting) => sendInTurn(waiting, since));
  };
}

function unsent({ endpoint, outgoing, options }: AppRequest, error: NonNullable<Attempt["error"]>): Sent {
  return leaveUnsent(endpoint, outgoing, options, error);
}

function waitingOf({ sender, outgoing }: AppRequest, since: number): Waiting {
  return { sender, since, bytes: outgoing.body.byteLength };
}

function isRefused({ attempt }: Sent): boolean {
  return attempt.error?.code === "ERR_CONNECTION_REFUSED";
}

/** Milliseconds since a moment by `performance.now()`. */
function timeSince(moment: number): number {
  return Math.round((performance.now() - moment) * 1000) / 1000;
}

function withTime(sent: Sent, time: Pick<Attempt, "heldMs" | "queuedMs">): Sent {
  return { ...sent, attempt: { ...sent.attempt, ...time } };
}
