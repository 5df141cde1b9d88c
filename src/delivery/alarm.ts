import type { ScheduleClock } from "./schedule-clock.ts";

/** Rings once when a moment has come; setting it anew takes the earlier moment back. */
export interface Alarm {
  /** @param due epoch milliseconds; `undefined` for never */
  set(due: number | undefined): void;
}

export function createAlarm(time: ScheduleClock, ring: () => void): Alarm {
  let current: { readonly due: number; readonly off: AbortController } | undefined;
  const ringAt = async (due: number, off: AbortController): Promise<void> => {
    try {
      await time.wait(due, off.signal);
    } catch (error) {
      // Set anew, or taken back.
      if (off.signal.aborted) return;
      throw error;
    }
    if (current?.off === off) current = undefined;
    ring();
  };
  return {
    set: (due) => {
      if (due === current?.due) return;
      current?.off.abort();
      current = due === undefined ? undefined : { due, off: new AbortController() };
      if (current !== undefined) void ringAt(current.due, current.off);
    },
  };
}
