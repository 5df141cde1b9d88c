import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiError } from "../api-error.ts";

/** Something that is asked of the process: not yet, under way, or how it ended. */
export type Task<Result> =
  | { readonly state: "idle" | "busy" }
  | { readonly state: "done"; readonly result: Result }
  | { readonly state: "failed"; readonly error: ApiError };

/** One at a time: while it is under way a second start does nothing. */
export function useTask<Result>(): readonly [
  task: Task<Result>,
  start: (work: () => Promise<Result>) => void,
  clear: () => void,
] {
  const [task, setTask] = useState<Task<Result>>({ state: "idle" });
  const isBusy = useRef(false);
  const isShown = useRef(true);
  useEffect(
    () => () => {
      isShown.current = false;
    },
    [],
  );
  const end = (ended: Task<Result>): void => {
    isBusy.current = false;
    if (isShown.current) setTask(ended);
  };
  const start = (work: () => Promise<Result>): void => {
    if (isBusy.current) return;
    isBusy.current = true;
    setTask({ state: "busy" });
    work().then(
      (result) => end({ state: "done", result }),
      (error: ApiError) => end({ state: "failed", error }),
    );
  };
  return [task, start, () => isBusy.current || setTask({ state: "idle" })];
}
