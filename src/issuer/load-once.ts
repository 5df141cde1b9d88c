/**
 * Loads at the first call, and for all who come after it. A load that fails is told to who waits for it, and tried again at
 * the next call: what it lacked may have passed, as a free file descriptor does.
 */
export function loadOnce<Value>(load: () => Promise<Value>): () => Promise<Value> {
  let loading: Promise<Value> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
