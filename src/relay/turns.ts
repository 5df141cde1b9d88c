/** `--concurrency`: an endpoint has so many requests at once, and the others wait for their turn in the order they came. */
import { createWaitingRoom, type WaitEnd, type Waiting } from "./waiting-room.ts";

export interface Turns {
  /** Takes a turn at an endpoint if one is free. */
  takeNow(endpoint: string): boolean;
  /** Waits for a turn, behind those who wait already; `called` is who has one. */
  wait(endpoint: string, waiting: Waiting): Promise<WaitEnd>;
  /** Gives a turn back: it goes on to the first who waits. */
  giveBack(endpoint: string): void;
}

/**
 * @param atOnce how many turns an endpoint has
 * @param cut ends all waits
 */
export function createTurns(atOnce: number, cut: AbortSignal): Turns {
  const room = createWaitingRoom(cut);
  /** How many are taken; no entry for none. */
  const taken = new Map<string, number>();
  return {
    takeNow: (endpoint) => {
      const count = taken.get(endpoint) ?? 0;
      if (count < atOnce) taken.set(endpoint, count + 1);
      return count < atOnce;
    },
    wait: room.wait,
    giveBack: (endpoint) => {
      // Handed on while it is taken, so that nobody who comes now gets ahead.
      if (room.callFirst(endpoint)) return;
      const left = (taken.get(endpoint) ?? 0) - 1;
      if (left > 0) taken.set(endpoint, left);
      else taken.delete(endpoint);
    },
  };
}
