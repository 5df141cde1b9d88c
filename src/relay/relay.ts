/** Passes an admitted webhook on to the app, byte for byte, and gives the app's answer back. */
import type { IncomingMessage } from "node:http";
import type { Attempt, Delivery } from "../delivery/delivery.ts";
import { wants, type Forward } from "../delivery/forward.ts";
import { matchesEventType } from "../kinde/event-types.ts";
import type { Response } from "../net/request.ts";
import { createAppSender, type AppSenderOptions } from "./app-sender.ts";
import type { Admitted, Refusal } from "./gate.ts";
import { answeredHeaders, forwardedHeaders, type FlatHeaders } from "./headers.ts";
import type { RelayedAttempt, RelayedDeliveries } from "./relayed-deliveries.ts";
import type { Sender } from "./sender.ts";
import type { Shield } from "./shield.ts";

export interface RelayOptions extends AppSenderOptions {
  /** The first that wants an event decides the answer; the others get copies. */
  readonly forwards: readonly Forward[];
  /** Patterns of event types to pass on, as written; all without. */
  readonly eventTypes: string | undefined;
  /** Headers of the user's own, for the app. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** How long the app may take for its answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Takes any certificate of the app. */
  readonly isInsecure: boolean;
  /** The scheme of the public URL: `https`. */
  readonly proto: () => string;
  readonly deliveries: RelayedDeliveries;
  /** Takes webhooks over from their sender; all are passed on without. */
  readonly shield?: Pick<Shield, "take"> | undefined;
  /** Whether nothing is passed on for now: what comes is answered 503, for its sender to try again. Default: never. */
  readonly isPaused?: (() => boolean) | undefined;
  /** Called with what was answered so. */
  readonly onPutOff?: ((webhook: PutOff) => void) | undefined;
  /** Called when an attempt begins. */
  readonly onBegin: (attempt: RelayedAttempt) => void;
  /** Keeps the record; called before the sender is answered. */
  readonly keep: (delivery: Delivery) => void;
  /** Called after that, with the attempt that has ended; `isCopy` when the sender does not hear of it. */
  readonly onEnd: (delivery: Delivery, attempt: Attempt, isCopy: boolean) => void;
  /** The sender is answered 200. */
  readonly onSkipped: (skipped: Skipped, verification: Delivery["verification"]) => void;
  /** A bug of ours, in a copy that nobody waits for. */
  readonly onFailure: (error: unknown) => void;
}

/** An event that nothing here wants. */
export interface Skipped {
  readonly webhookId: string | null;
  readonly type: string | undefined;
  readonly reason: string;
}

/** A webhook that came while nothing was passed on. */
export interface PutOff extends Pick<Admitted, "event" | "verification"> {
  readonly webhookId: string | null;
}

/** What the sender gets. */
export interface Answer {
  readonly status: number;
  readonly statusMessage?: string;
  readonly headers: FlatHeaders;
  readonly body: Buffer;
}

export interface Relay {
  pass(admitted: Admitted, request: IncomingMessage, body: Buffer, sender: Sender): Promise<Answer | Refusal>;
  /** Copies that are still under way. */
  readonly copies: ReadonlySet<Promise<void>>;
}

// As much as localtunnel was seen to bring through whole; an app's answer to a webhook is a few bytes.
const maxAnswerBytes = 32 << 20;
const noBody = Buffer.alloc(0);
/** What the sender gets for what is not the app's failure to answer: 502. */
const statusByError: Readonly<Record<string, number>> = {
  ERR_TIMEOUT: 504,
  ERR_ABORTED: 503,
  ERR_TOO_MANY_WAITING: 503,
};
const done: Answer = { status: 200, headers: ["content-length", "0"], body: noBody };
// RFC 9112, section 4.
const reasonPhrase = /^[\t\x20-\x7e\x80-\xff]*$/;

export function createRelay(options: RelayOptions): Relay {
  const { eventTypes, deliveries, shield, clock, abort } = options;
  const forwards = options.forwards.map((forward) => ({ forward, endpointFor: createEndpoint(forward) }));
  const copies = new Set<Promise<void>>();
  const sendToApp = createAppSender(options);

  const attempt = async (
    endpoint: URL,
    { token, event, verification }: Admitted,
    outgoing: {
      readonly headers: FlatHeaders;
      readonly body: Buffer;
      readonly webhookId: string | null;
      readonly isCopy: boolean;
      readonly sender: Sender;
    },
  ): Promise<{ attempt: Attempt; response: Response | undefined }> => {
    const { headers, body, webhookId, isCopy, sender } = outgoing;
    const begun = deliveries.begin({
      direction: "relayed",
      endpoint: endpoint.href,
      webhookId,
      token,
      event,
      verification,
      isCopy,
    });
    const sending = sendToApp({
      endpoint,
      webhookId,
      sender,
      outgoing: { method: "POST", headers, body },
      options: {
        number: begun.number,
        plannedDelayMs: 0,
        now: clock.now(),
        timeoutMs: options.timeoutMs,
        isInsecure: options.isInsecure,
        maxAnswerBytes,
        signal: abort,
      },
    });
    options.onBegin(begun);
    const sent = await sending;
    const delivery = await begun.end(sent.attempt);
    options.keep(delivery);
    // The sender is answered first.
    setImmediate(options.onEnd, delivery, sent.attempt, isCopy);
    return sent;
  };

  /** Nobody waits for it, so that what goes wrong is told here. */
  const sendCopy = async (...args: Parameters<typeof attempt>): Promise<void> => {
    try {
      await attempt(...args);
    } catch (error) {
      options.onFailure(error);
    }
  };

  return {
    copies,
    pass: async (admitted, request, body, sender) => {
      const type = admitted.event?.type;
      const webhookId = request.headers["webhook-id"]?.toString() || null;
      const isFilteredOut =
        eventTypes !== undefined && (type === undefined || !matchesEventType(eventTypes, type));
      const wanting = isFilteredOut ? [] : forwards.filter(({ forward }) => wants(forward, type));
      const [first, ...others] = wanting;
      if (first === undefined) {
        const reason = isFilteredOut ? "--event-types leaves it out" : "no --forward wants this event type";
        options.onSkipped({ webhookId, type, reason }, admitted.verification);
        return done;
      }
      const path = request.url ?? "/";
      const proto = options.proto();
      if (shield !== undefined) {
        const endpoints = wanting.map(({ endpointFor }) => endpointFor(path));
        const came = forwardedHeaders(request, { proto, added: [] });
        const taken = await shield.take(admitted, { webhookId, endpoints, headers: came });
        if (taken.state === "refused") return taken.refusal;
        if (taken.state === "repeated") {
          options.onSkipped({ webhookId, type, reason: taken.reason }, admitted.verification);
        }
        if (taken.state !== "passed") return done;
      }
      // A shield has taken it over by now, and rests itself.
      if (options.isPaused?.() === true) {
        options.onPutOff?.({ ...admitted, webhookId });
        return pausedAt(type);
      }
      const headers = forwardedHeaders(request, { proto, added: options.headers });
      const outgoing = { headers, body, webhookId, sender, isCopy: false };
      for (const other of others) {
        const endpoint = other.endpointFor(path);
        // The sender tries again for the sake of the first; who has it already, or is at it, is not given it twice.
        if (deliveries.needsNoCopy({ webhookId, endpoint: endpoint.href })) continue;
        const copy = sendCopy(endpoint, admitted, { ...outgoing, isCopy: true }).finally(() =>
          copies.delete(copy),
        );
        copies.add(copy);
      }
      return answerOf(await attempt(first.endpointFor(path), admitted, outgoing));
    },
  };
}

function pausedAt(type: string | undefined): Refusal {
  const reason = `${type ?? "a webhook"} came while forwarding is paused; its sender tries again`;
  return { code: "ERR_PAUSED", reason, status: 503 };
}

/**
 * Where a forward leads for the path that came: one without a path keeps it, one without a query its query. The
 * latest is kept, for webhooks come to one path.
 */
function createEndpoint({ url, keepsPath }: Forward): (incoming: string) => URL {
  let latest: { readonly incoming: string; readonly endpoint: URL } | undefined;
  const find = (incoming: string): URL => {
    // Put behind the origin, not resolved against it: `//host/path` must not name another host.
    if (keepsPath) return new URL(url.origin + incoming);
    const query = incoming.indexOf("?");
    return url.search !== "" || query === -1 ? url : new URL(url.href + incoming.slice(query));
  };
  return (incoming) => {
    if (latest?.incoming !== incoming) latest = { incoming, endpoint: find(incoming) };
    return latest.endpoint;
  };
}

function answerOf({
  attempt,
  response,
}: {
  readonly attempt: Attempt;
  readonly response: Response | undefined;
}): Answer {
  if (response === undefined) {
    const status = statusByError[attempt.error?.code ?? ""] ?? 502;
    return { status, headers: ["content-length", "0"], body: noBody };
  }
  const { status, statusMessage, rawHeaders, body } = response;
  const headers = answeredHeaders(rawHeaders, status, body.length);
  // Node reads more in an app's status line than it writes: colours, for one.
  return reasonPhrase.test(statusMessage)
    ? { status, statusMessage, headers, body }
    : { status, headers, body };
}
