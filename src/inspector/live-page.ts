/** One page that is open: what it is told, in which order, and when it is given up. */
import type { WebSocket } from "ws";
import type { Clock } from "../delivery/clock.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { nextTurn } from "../net/next-turn.ts";
import { liveDeliveries, type DeliverySummary, type LiveMessage, type Status } from "./protocol.ts";
import { summarize } from "./summarize.ts";

/** What the pages are told of. */
export interface LiveSource {
  status(): Status;
  /** The deliveries there are, the latest first. */
  recent(): AsyncIterable<Delivery>;
  /** Tells of each change from now on. @returns ends that @throws when what others change can't be read */
  watch(listener: LiveListener): () => void;
}

export interface LiveListener {
  onDelivery(delivery: Delivery): void;
  onStatus(): void;
  /** There are no deliveries any more. */
  onCleared(): void;
}

export interface LivePage {
  close(code: number): void;
}

// So many are read and told of before anything else is looked at.
const partSize = 100;
// What a page may leave unread; beyond, it is frozen, or its tab asleep. It asks anew when it wakes up.
const maxUnreadBytes = 8 << 20;

export function servePage(
  connection: WebSocket,
  source: LiveSource,
  { clock, heartbeatMs }: { readonly clock: Clock; readonly heartbeatMs: number },
): LivePage {
  const ended = new AbortController();
  /** What changes while the page is still told of what there was; the latest state of each. */
  let meanwhile: Map<string, Delivery> | undefined = new Map();
  let isCleared = false;

  const send = (message: LiveMessage): void => {
    if (ended.signal.aborted) return;
    connection.send(JSON.stringify(message));
    if (connection.bufferedAmount > maxUnreadBytes) connection.terminate();
  };
  const sendChange = (delivery: Delivery): void => send({ kind: "delivery", delivery: summarize(delivery) });
  /** Resolves when it has gone out: who does not read is told no more. */
  const sendPart = async (deliveries: readonly DeliverySummary[], isLast: boolean): Promise<void> => {
    const message: LiveMessage = { kind: "deliveries", deliveries, isLast };
    await new Promise<void>((resolve) => connection.send(JSON.stringify(message), () => resolve()));
    await nextTurn();
  };

  const sendRecent = async (): Promise<void> => {
    let part: DeliverySummary[] = [];
    let count = 0;
    for await (const delivery of source.recent()) {
      if (ended.signal.aborted || isCleared || ++count > liveDeliveries) break;
      if (part.push(summarize(delivery)) < partSize) continue;
      await sendPart(part, false);
      part = [];
    }
    await sendPart(isCleared ? [] : part, true);
    const changed = meanwhile ?? [];
    meanwhile = undefined;
    for (const delivery of changed.values()) sendChange(delivery);
  };

  const stopWatching = source.watch({
    onDelivery: (delivery) => {
      if (meanwhile === undefined) sendChange(delivery);
      // A page that is this slow is given up; it would be told of the rest only to throw it away.
      else if (meanwhile.set(delivery.id, delivery).size > liveDeliveries) connection.terminate();
    },
    onStatus: () => send({ kind: "status", status: source.status() }),
    onCleared: () => {
      isCleared = meanwhile !== undefined;
      meanwhile?.clear();
      send({ kind: "cleared" });
    },
  });
  connection.on("close", () => {
    ended.abort();
    stopWatching();
  });
  send({ kind: "hello", status: source.status() });
  // A history that can't be read: a page that has not been told of all comes again.
  sendRecent().catch(() => connection.terminate());
  void keepAlive(connection, heartbeatMs, clock, ended.signal);
  return {
    close: (code) => connection.close(code),
  };
}

/** Ends the connection of a page that does not answer: a laptop that sleeps says no goodbye. */
async function keepAlive(
  connection: WebSocket,
  everyMs: number,
  clock: Clock,
  ended: AbortSignal,
): Promise<void> {
  let hasAnswered = true;
  connection.on("pong", () => (hasAnswered = true));
  while (!ended.aborted) {
    if (!hasAnswered) connection.terminate();
    else {
      hasAnswered = false;
      connection.ping();
    }
    await clock.wait(everyMs, ended).catch(() => {});
  }
}
