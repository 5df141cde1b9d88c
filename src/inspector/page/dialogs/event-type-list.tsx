import type { VNode } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { EventSample } from "../../protocol.ts";
import { Confidence } from "./confidence.tsx";

export interface EventTypeListProps {
  readonly samples: readonly EventSample[];
  readonly chosen: string;
  readonly onChoose: (type: string) => void;
}

/** The event types by category, with a search over their names and descriptions. */
export function EventTypeList({ samples, chosen, onChoose }: EventTypeListProps): VNode {
  const [search, setSearch] = useState("");
  const name = useId();
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    field.current?.focus();
    list.current?.querySelector(":checked")?.parentElement?.scrollIntoView({ block: "nearest" });
  }, []);
  const found = samples.filter((sample) => fits(sample, search));
  const categories = [...new Set(found.map(({ category }) => category))];
  return (
    <div class="event-types">
      <label class="field">
        <span>Event type</span>
        <input
          type="search"
          ref={field}
          autocomplete="off"
          spellcheck={false}
          placeholder="Search"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </label>
      <p class="unseen" role="status">
        {search !== "" && `${found.length} of ${samples.length} event types`}
      </p>
      <div class="event-type-list" ref={list}>
        {found.length === 0 && <p class="muted">No event type is called so, or told of so.</p>}
        {categories.map((category) => (
          <fieldset key={category}>
            <legend>{category}</legend>
            {found
              .filter((sample) => sample.category === category)
              .map(({ type, description, confidence }) => (
                <label key={type} class="event-type" data-chosen={type === chosen}>
                  <input
                    type="radio"
                    name={name}
                    value={type}
                    checked={type === chosen}
                    onChange={() => onChoose(type)}
                  />
                  <span class="event-type-name mono">{type}</span>
                  <Confidence of={confidence} />
                  <span class="muted">{description}</span>
                </label>
              ))}
          </fieldset>
        ))}
      </div>
    </div>
  );
}

function fits({ type, category, description }: EventSample, search: string): boolean {
  const text = `${type} ${category} ${description}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((part) => text.includes(part));
}
