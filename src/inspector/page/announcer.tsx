import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { DeliveryList } from "./deliveries.ts";
import { wentWrong } from "./filter.ts";
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
      if (news.length > 0) setText(describe(news));
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

/** `3 new deliveries, 1 went wrong`; `1 new delivery: user.created delivered`, or `… pending, went wrong` */
function describe(news: DeliveryList["list"]): string {
  const count = formatCount(news.length, "new delivery", "new deliveries");
  const wrong = news.filter(wentWrong).length;
  if (news.length > 1) return wrong === 0 ? count : `${count}, ${wrong} went wrong`;
  const { event, state } = news[0]!;
  const how = wrong === 1 && state !== "failed" ? `${state}, went wrong` : state;
  return `${count}: ${event?.type ?? "no event"} ${how}`;
}
