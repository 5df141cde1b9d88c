/** Where requests wait before they go to the app: in the order they came, bounded, and never behind the sender's back. */
import { abortListenersOf } from "../net/abort-listeners.ts";
import type { Sender } from "./sender.ts";

/** A request that waits. */
export interface Waiting {
  readonly sender: Sender;
  /** When it came, by `performance.now()`. */
  readonly since: number;
  /** What it keeps in memory meanwhile. */
  readonly bytes: number;
}

/**
 * How a wait ended: called in; the sender gone; time over, or no more to be had; the tunnel cut; or no room, and no wait
 * at all.
 */
export type WaitEnd = "called" | "gone" | "over" | "cut" | "full";

export interface WaitingRoom {
  has(key: string): boolean;
  /** @param limit makes the wait end as `over` when it is aborted */
  wait(key: string, waiting: Waiting, limit?: AbortSignal): Promise<WaitEnd>;
  /** Calls in the first that waits for a key. @returns whether there was one */
  callFirst(key: string): boolean;
  /** Calls in all that wait for a key, in the order they came. */
  callAll(key: string): void;
}

type EndWait = (how: WaitEnd) => void;

/** As many as the intake takes at once. */
const maxForOneKey = 100;
const maxBytes = 32 << 20;

/** @param cut ends all waits */
export function createWaitingRoom(cut: AbortSignal): WaitingRoom {
  /** How to end each wait, with when its request came; by key. */
  const rooms = new Map<string, Map<EndWait, number>>();
  let heldBytes = 0;
  const enter = (
    key: string,
    { sender, since, bytes }: Waiting,
    limit: AbortSignal | undefined,
  ): Promise<WaitEnd> =>
    new Promise((resolve) => {
      const room = rooms.get(key) ?? new Map<EndWait, number>();
      rooms.set(key, room);
      const end: EndWait = (how) => {
        room.delete(end);
        if (room.size === 0) rooms.delete(key);
        heldBytes -= bytes;
        forgetSender();
        cutListeners.delete(onCut);
        limitListeners?.delete(onLimit);
        resolve(how);
      };
      const onCut = (): void => end("cut");
      const onLimit = (): void => end("over");
      const forgetSender = sender.onGone(() => end("gone"));
      const cutListeners = abortListenersOf(cut).add(onCut);
      const limitListeners = limit === undefined ? undefined : abortListenersOf(limit).add(onLimit);
      room.set(end, since);
      heldBytes += bytes;
    });
  return {
    has: (key) => rooms.has(key),
    wait: async (key, waiting, limit) => {
      if (cut.aborted) return "cut";
      if (waiting.sender.isGone()) return "gone";
      if (limit?.aborted) return "over";
      const isFull = (rooms.get(key)?.size ?? 0) >= maxForOneKey || heldBytes + waiting.bytes > maxBytes;
      return isFull ? "full" : await enter(key, waiting, limit);
    },
    callFirst: (key) => {
      const [first] = rooms.get(key)?.keys() ?? [];
      first?.("called");
      return first !== undefined;
    },
    callAll: (key) => {
      // They were refused at about the same time, and not always in the order in which they came.
      const waits = [...(rooms.get(key) ?? [])].sort(([, one], [, other]) => one - other);
      for (const [end] of waits) end("called");
    },
  };
}
