import type { VNode } from "preact";
import type { DeliverySummary } from "../protocol.ts";
import { formatNumber } from "./format.ts";
import { Icon } from "./icons.tsx";
import { Row, rowHeight, rowId } from "./row.tsx";
import { useScroll } from "./use-scroll.ts";
import { visibleRows } from "./visible-rows.ts";
import { useEffect, useRef } from "preact/hooks";

export interface ListProps {
  readonly rows: readonly DeliverySummary[];
  /** Of what is listed: with another one the list begins at its top. */
  readonly listKey: string;
  /** Where the keyboard is. */
  readonly activeId: string | null;
  readonly openId: string | null;
  readonly clockAheadMs: number;
  readonly onActivate: (id: string) => void;
  readonly onOpen: (id: string, how: "look" | "enter") => void;
}

export const listId = "deliveries";

/** The deliveries, of which as many rows are drawn as there is room for. */
export function List(props: ListProps): VNode {
  const { rows, listKey, activeId, openId, clockAheadMs, onActivate, onOpen } = props;
  const scroll = useScroll(rows, listKey);
  const active = rows.findIndex(({ id }) => id === activeId);
  const [from, to] = visibleRows(scroll.top, scroll.height, rowHeight, rows.length);
  const news = useNews(rows, listKey, scroll.top < rowHeight / 2);

  useEffect(() => {
    if (active !== -1) reveal(scroll.ref.current!, active);
    // Moved to by the keyboard, not by what arrives.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [activeId]);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      // What a filter leaves out may still be the active one, and nobody sees it.
      if (active !== -1) onOpen(activeId!, "enter");
      return;
    }
    const page = Math.max(1, Math.floor(scroll.height / rowHeight) - 1);
    const target = targetOf(event.key, active, rows.length, page);
    if (target === undefined) return;
    event.preventDefault();
    onActivate(rows[target]!.id);
  };

  const draw = (delivery: DeliverySummary, index: number): VNode => (
    <Row
      key={delivery.id}
      delivery={delivery}
      index={index}
      count={rows.length}
      isActive={index === active}
      isOpen={delivery.id === openId}
      clockAheadMs={clockAheadMs}
      onClick={() => onOpen(delivery.id, "look")}
    />
  );
  const isActiveDrawn = active >= from && active < to;
  return (
    <div class="list">
      <div
        id={listId}
        ref={scroll.ref}
        class="list-scroll"
        role="listbox"
        aria-label="Deliveries, the latest first"
        aria-activedescendant={active === -1 ? undefined : rowId(activeId!)}
        tabIndex={0}
        onScroll={scroll.onScroll}
        onKeyDown={onKeyDown}
      >
        <div class="list-rows" role="presentation" style={{ height: `${rows.length * rowHeight}px` }}>
          {rows.slice(from, to).map((delivery, index) => draw(delivery, from + index))}
          {/* What assistive technology is told to be on has to exist, wherever the list is scrolled to. */}
          {active !== -1 && !isActiveDrawn && draw(rows[active]!, active)}
        </div>
      </div>
      <button
        type="button"
        class="list-news"
        hidden={news === 0}
        onClick={() => {
          scroll.ref.current!.scrollTop = 0;
        }}
      >
        <span class="list-news-text">
          {formatNumber(news)} new <Icon name="up" />
        </span>
      </button>
    </div>
  );
}

/** How many deliveries have come since the top of the list was seen. */
function useNews(rows: readonly DeliverySummary[], listKey: string, isAtTop: boolean): number {
  const seen = useRef({ at: "", listKey });
  if (isAtTop || seen.current.listKey !== listKey) seen.current = { at: rows[0]?.changedAt ?? "", listKey };
  let news = 0;
  for (const { changedAt, createdAt } of rows) {
    if (changedAt <= seen.current.at) break;
    if (createdAt > seen.current.at) news++;
  }
  return news;
}

/** The row that a key leads to. @param active -1 for none */
function targetOf(key: string, active: number, count: number, page: number): number | undefined {
  const steps: Record<string, number> = {
    ArrowDown: active + 1,
    ArrowUp: active - 1,
    PageDown: active + page,
    PageUp: active - page,
    Home: 0,
    End: count - 1,
  };
  const target = steps[key];
  return target === undefined ? undefined : Math.min(Math.max(target, 0), count - 1);
}

function reveal(element: HTMLElement, index: number): void {
  const top = index * rowHeight;
  if (top < element.scrollTop) element.scrollTop = top;
  else if (top + rowHeight > element.scrollTop + element.clientHeight) {
    element.scrollTop = top + rowHeight - element.clientHeight;
  }
}
