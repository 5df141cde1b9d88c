import type { VNode } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { Announcer } from "./announcer.tsx";
import type { ApiError } from "./api-error.ts";
import { Banner } from "./banner.tsx";
import { Detail } from "./detail/detail.tsx";
import { EmitDialog } from "./dialogs/emit-dialog.tsx";
import { EmptyList, NoAccess, NoMatch, NothingOpen } from "./empty.tsx";
import { filterDeliveries, noFilter } from "./filter.ts";
import { Filters } from "./filters.tsx";
import { Header } from "./header.tsx";
import { Health } from "./health.tsx";
import { Help } from "./help.tsx";
import type { Inspector } from "./inspector.ts";
import { List, listId } from "./list.tsx";
import { NoticeLine, type Notice } from "./notice.tsx";
import { useShortcuts } from "./shortcuts.ts";
import { useStore } from "./store.ts";
import { useOpenId } from "./use-open-id.ts";

/** The whole page. */
export function App({ inspector }: { readonly inspector: Inspector }): VNode {
  const { api } = inspector;
  const connection = useStore(inspector.connection);
  const status = useStore(inspector.status);
  const refusal = useStore(inspector.session.refusal);
  const { list, isLoaded } = useStore(inspector.deliveries);
  const [filter, setFilter] = useState(noFilter);
  const [openId, setOpenId] = useOpenId();
  // After a reload the keyboard goes on from what is open.
  const [activeId, setActiveId] = useState(openId);
  const [dialog, setDialog] = useState<"emit" | "help" | null>(null);
  const [notice, setNotice] = useState<Notice | null>(null);
  const search = useRef<HTMLInputElement>(null);
  const pane = useRef<HTMLElement>(null);

  const rows = useMemo(() => filterDeliveries(list, filter), [list, filter]);
  const clockAheadMs = useMemo(() => aheadMs(status?.now ?? null), [status]);
  const opened = list.find(({ id }) => id === openId);
  const change = useChange(openId, opened);
  const isReadOnly = connection.state !== "open";

  const focusList = (): void => document.getElementById(listId)?.focus();
  const close = (): void => {
    setOpenId(null);
    // Where the list was hidden it is there only after the next drawing.
    requestAnimationFrame(focusList);
  };
  const open = (id: string, how: "look" | "enter"): void => {
    setActiveId(id);
    setOpenId(id);
    if (how === "enter" || isNarrow()) requestAnimationFrame(() => pane.current?.focus());
  };
  const move = (by: number): void => {
    if (rows.length === 0) return;
    const at = rows.findIndex(({ id }) => id === activeId);
    const { id } = rows[Math.min(Math.max(at + by, 0), rows.length - 1)]!;
    setActiveId(id);
    if (openId !== null) setOpenId(id);
    // So that Enter opens it; who reads a delivery stays there.
    if (pane.current?.contains(document.activeElement) !== true) focusList();
  };
  const replay = async (): Promise<void> => {
    const id = openId ?? activeId;
    if (id === null || isReadOnly) return;
    try {
      const { delivery } = await api.replay(id, {});
      const answer = delivery.attempts.at(-1)?.status;
      setNotice({
        text: typeof answer === "number" ? `Replayed: answered ${answer}.` : "Replayed: no answer.",
        isBad: answer !== 200,
      });
    } catch (error) {
      const { message, code } = error as ApiError;
      setNotice({ text: `${message} (${code})`, isBad: true });
    }
  };
  useShortcuts({
    "/": () => search.current?.focus(),
    j: () => move(1),
    k: () => move(-1),
    // Who holds it down a moment too long wants one all the same.
    r: (isHeld) => !isHeld && void replay(),
    e: () => !isReadOnly && setDialog("emit"),
    "?": () => setDialog("help"),
    ...(openId !== null && { Escape: close }),
  });

  const hasAccess = connection.state !== "without-token" && !(connection.state === "refused" && !isLoaded);
  return (
    <div class="page">
      <Header
        status={status}
        connection={connection}
        isReadOnly={isReadOnly}
        onEmit={() => setDialog("emit")}
        onHelp={() => setDialog("help")}
      />
      <section class={`state ${isReadOnly ? "is-past" : ""}`} aria-label="How all is">
        {status !== undefined && <Health status={status} clockAheadMs={clockAheadMs} />}
        {hasAccess && <Banner status={status} connection={connection} />}
      </section>
      {hasAccess ? (
        <main class={`panes ${openId === null ? "" : "is-open"}`}>
          <section class="pane pane-list" aria-label="List">
            <Filters
              filter={filter}
              onFilter={setFilter}
              deliveries={list}
              shown={rows.length}
              searchRef={search}
              onLeave={focusList}
            />
            {rows.length > 0 ? (
              <List
                rows={rows}
                listKey={JSON.stringify(filter)}
                activeId={activeId}
                openId={openId}
                clockAheadMs={clockAheadMs}
                onActivate={setActiveId}
                onOpen={open}
              />
            ) : list.length > 0 ? (
              <NoMatch onShowAll={() => setFilter(noFilter)} />
            ) : isLoaded ? (
              <EmptyList status={status} isReadOnly={isReadOnly} onEmit={() => setDialog("emit")} />
            ) : (
              <div class="empty is-quiet" aria-busy="true" />
            )}
          </section>
          <section class="pane pane-detail" aria-label="Delivery" tabIndex={-1} ref={pane}>
            {openId === null ? (
              <NothingOpen />
            ) : (
              <Detail
                key={openId}
                id={openId}
                summary={opened}
                api={api}
                status={status}
                isReadOnly={isReadOnly}
                change={change}
                clockAheadMs={clockAheadMs}
                onClose={close}
                onOpen={(id) => open(id, "enter")}
              />
            )}
          </section>
        </main>
      ) : (
        <main>
          <NoAccess refusal={refusal} />
        </main>
      )}
      {dialog === "emit" && (
        <EmitDialog
          api={api}
          status={status}
          isReadOnly={isReadOnly}
          onClose={() => setDialog(null)}
          onOpen={(id) => {
            setDialog(null);
            open(id, "enter");
          }}
        />
      )}
      {dialog === "help" && <Help onClose={() => setDialog(null)} />}
      <Announcer list={list} isLoaded={isLoaded} />
      <NoticeLine notice={notice} onClose={() => setNotice(null)} />
    </div>
  );
}

/** By how much a mock's clock is ahead of ours. */
function aheadMs(now: string | null): number {
  return now === null ? 0 : Date.parse(now) - Date.now();
}

/** Rises when the value of something has become another; from 0 for something else. */
function useChange(of: string | null, value: unknown): number {
  const former = useRef({ of, value, change: 0 });
  const { current } = former;
  if (current.of !== of) former.current = { of, value, change: 0 };
  else if (current.value !== value) former.current = { of, value, change: current.change + 1 };
  return former.current.change;
}

/** Whether the list and a delivery are seen one at a time; the style sheet has the same. */
function isNarrow(): boolean {
  return matchMedia("(max-width: 860px)").matches;
}
