import { abortListenersOf } from "./abort-listeners.ts";

/** What ends with something longer, or before it. */
export interface LinkedAbort {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  /** Has it end with nothing any more; to be called when its work is over. */
  unlink(): void;
}

/**
 * Links a signal to one that lives longer. `AbortSignal.any` would do the same, and whatever has listened to it would
 * be kept by Node as long as the other lives: of a tunnel that is lost and opened again for a week, every try.
 */
export function linkAbort(longer: AbortSignal): LinkedAbort {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(longer.reason);
  if (longer.aborted) onAbort();
  const listeners = abortListenersOf(longer).add(onAbort);
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    unlink: () => void listeners.delete(onAbort),
  };
}
