import type { Ref, VNode } from "preact";
import { useMemo } from "preact/hooks";
import type { DeliverySummary } from "../protocol.ts";
import { isFiltering, noFilter, typeChoices, wentWrong, type Filter } from "./filter.ts";
import { formatNumber } from "./format.ts";
import { Icon, type IconName } from "./icons.tsx";

export interface FiltersProps {
  readonly filter: Filter;
  readonly onFilter: (filter: Filter) => void;
  /** All that there are. */
  readonly deliveries: readonly DeliverySummary[];
  readonly shown: number;
  readonly searchRef: Ref<HTMLInputElement>;
  /** To the list, from the search. */
  readonly onLeave: () => void;
}

const states = [
  { state: "delivered", label: "Delivered", icon: "check", tone: "good" },
  { state: "failed", label: "Failed", icon: "cross", tone: "bad" },
  { state: "pending", label: "Pending", icon: "dots", tone: "wait" },
] as const;

const directions = { relayed: "Relayed", emitted: "Emitted", replayed: "Replayed" } as const;

/** What of the deliveries is to be seen. */
export function Filters(props: FiltersProps): VNode {
  const { filter, onFilter, deliveries, shown, searchRef, onLeave } = props;
  const types = useMemo(() => typeChoices(deliveries), [deliveries]);
  const counts = useMemo(() => countStates(deliveries), [deliveries]);
  const wrong = useMemo(() => deliveries.filter(wentWrong).length, [deliveries]);
  const change = (members: Partial<Filter>): void => onFilter({ ...filter, ...members });
  const onSearchKey = (event: KeyboardEvent): void => {
    // The Enter that ends a word of an input method is no Enter of ours.
    if (event.isComposing) return;
    if (event.key === "Escape" && filter.text !== "") change({ text: "" });
    else if (event.key === "Escape" || event.key === "ArrowDown" || event.key === "Enter") onLeave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <search class="filters">
      <div class="search">
        <Icon name="search" />
        <input
          ref={searchRef}
          type="text"
          inputMode="search"
          aria-label="Search deliveries"
          aria-keyshortcuts="/"
          placeholder="Id, type, e-mail or org"
          title="Search ids, event types, e-mail addresses, organizations and endpoints"
          autocomplete="off"
          spellcheck={false}
          value={filter.text}
          onInput={({ currentTarget }) => change({ text: currentTarget.value })}
          onKeyDown={onSearchKey}
        />
        <kbd aria-hidden="true">/</kbd>
      </div>
      <select
        aria-label="Event type"
        value={filter.type}
        onChange={({ currentTarget }) => change({ type: currentTarget.value })}
      >
        <option value="">All types</option>
        {(filter.type === "" || types.includes(filter.type) ? types : [filter.type, ...types]).map((type) => (
          <option key={type} value={type}>
            {type}
          </option>
        ))}
      </select>
      <select
        aria-label="Direction"
        value={filter.direction ?? ""}
        onChange={({ currentTarget }) =>
          change({
            direction: currentTarget.value === "" ? null : (currentTarget.value as keyof typeof directions),
          })
        }
      >
        <option value="">All directions</option>
        {Object.entries(directions).map(([direction, label]) => (
          <option key={direction} value={direction}>
            {label}
          </option>
        ))}
      </select>
      <div class="filters-line">
        <div class="chips" role="group" aria-label="State">
          <Chip
            label="Went wrong"
            icon="warning"
            tone="bad"
            count={wrong}
            isPressed={filter.isWrong}
            onPress={() => change({ isWrong: !filter.isWrong })}
          />
          {states.map(({ state, ...words }) => (
            <Chip
              key={state}
              {...words}
              count={counts[state]}
              isPressed={filter.state === state}
              onPress={() => change({ state: filter.state === state ? null : state })}
            />
          ))}
        </div>
        <p class="shown muted">
          <button
            type="button"
            class="quiet icon-button"
            aria-label="Show all"
            title="Show all"
            hidden={!isFiltering(filter)}
            onClick={() => onFilter(noFilter)}
          >
            <Icon name="cross" />
          </button>
          <span>
            {formatNumber(shown)} of {formatNumber(deliveries.length)}
          </span>
        </p>
      </div>
    </search>
  );
}

interface ChipProps {
  readonly label: string;
  readonly icon: IconName;
  readonly tone: string;
  readonly count: number;
  readonly isPressed: boolean;
  readonly onPress: () => void;
}

function Chip({ label, icon, tone, count, isPressed, onPress }: ChipProps): VNode {
  return (
    <button type="button" class="chip" title={label} aria-pressed={isPressed} onClick={onPress}>
      <span class={tone}>
        <Icon name={icon} />
      </span>
      <span class="chip-label">{label}</span>
      <span class="muted">{formatNumber(count)}</span>
    </button>
  );
}

function countStates(deliveries: readonly DeliverySummary[]): Record<DeliverySummary["state"], number> {
  const counts = { delivered: 0, failed: 0, pending: 0 };
  for (const { state } of deliveries) counts[state]++;
  return counts;
}
