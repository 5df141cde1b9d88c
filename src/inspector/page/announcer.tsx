import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { DeliveryList } from "./deliveries.ts";
import { formatCount } from "./format.ts";

// So that who listens hears of a burst once.
const everyMs = 4_000;

/** Tells a screen reader what has arrived. */
export function Announcer({ list, isLoaded }: DeliveryList): VNode {
  const [text, setText] = useState("");
  const told = useRef<string | undefined>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef(list);
  latest.current = list;
  useEffect(() => {
    if (!isLoaded) return;
    told.current ??= list[0]?.changedAt ?? "";
    if (timer.current !== undefined || (list[0]?.changedAt ?? "") <= told.current) return;
    const tell = (): void => {
      const news = latest.current.filter(({ createdAt }) => createdAt > told.current!);
      told.current = latest.current[0]?.changedAt ?? "";
      timer.current = undefined;
      const failed = news.filter(({ state }) => state === "failed").length;
      const what = news.length === 1 ? ` ${news[0]!.event?.type ?? ""} ${news[0]!.state}` : "";
      if (news.length === 0) return;
      setText(
        formatCount(news.length, "new delivery").replace("deliverys", "deliveries") +
          (what === "" ? (failed === 0 ? "" : `, ${failed} failed`) : `:${what}`),
      );
    };
    timer.current = setTimeout(tell, everyMs);
  }, [list, isLoaded]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <p class="unseen" role="status">
      {text}
    </p>
  );
}
