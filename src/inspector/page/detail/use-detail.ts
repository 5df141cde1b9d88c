import { useEffect, useState } from "preact/hooks";
import type { DeliveryDetail } from "../../protocol.ts";
import type { Api } from "../api.ts";
import type { ApiError } from "../api-error.ts";

export interface LoadedDetail {
  /** Of the delivery asked for; `undefined` until it has come. */
  readonly detail: DeliveryDetail | undefined;
  /** Why the latest answer did not come; what came before it stays. */
  readonly error: ApiError | undefined;
  readonly reload: () => void;
}

/** One delivery, asked for again with each change of it. */
export function useDetail(api: Api, id: string, change: number): LoadedDetail {
  const [loaded, setLoaded] = useState<Pick<LoadedDetail, "detail" | "error"> & { readonly id: string }>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    // The browser asks for six at a time: those that were passed by must not be waited for.
    const ended = new AbortController();
    api.detail(id, ended.signal).then(
      (detail) => ended.signal.aborted || setLoaded({ id, detail, error: undefined }),
      (error: ApiError) =>
        ended.signal.aborted ||
        setLoaded((before) => ({ id, detail: before?.id === id ? before.detail : undefined, error })),
    );
    return () => ended.abort();
  }, [api, id, change, round]);
  const { detail, error } = loaded?.id === id ? loaded : { detail: undefined, error: undefined };
  return { detail, error, reload: () => setRound(round + 1) };
}
