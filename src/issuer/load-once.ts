import { ensureFreeDescriptors } from "../net/free-descriptors.ts";

/**
 * Loads at the first call, and for all who come after it. A load that fails is told to who waits for it, and tried again at
 * the next call. With too many files open it is not even begun: what it imports would stay failed.
 */
export function loadOnce<Value>(load: () => Promise<Value>): () => Promise<Value> {
  let loading: Promise<Value> | undefined;
  const begin = async (): Promise<Value> => {
    ensureFreeDescriptors();
    return await load();
  };
  return () => {
    loading ??= begin().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
