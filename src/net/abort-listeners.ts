const listeners = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * What hears of a signal: one listener of it for any number of functions. Each of its own costs a microsecond, and from
 * the eleventh on Node warns of a leak.
 */
export function abortListenersOf(signal: AbortSignal): Set<() => void> {
  let known = listeners.get(signal);
  if (known === undefined) {
    const added = (known = new Set());
    listeners.set(signal, added);
    const callAll = (): void => {
      for (const onAbort of added) onAbort();
    };
    signal.addEventListener("abort", callAll, { once: true });
  }
  return known;
}
