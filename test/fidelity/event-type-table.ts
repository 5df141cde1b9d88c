/** The event types by how sure their shape is, as the catalogue has it. */
import type { EventType } from "../../src/kinde/event-data.ts";
import { eventFixture, eventTypes, matchEventTypes, type Confidence } from "../../src/kinde/event-types.ts";
import type { Row } from "./markdown.ts";

export const eventTypeHeads: Row = ["its shape is", "types", "which"];

const meanings: Readonly<Record<Confidence, string>> = {
  captured: "captured from a real token",
  typed: "typed in `@kinde/webhooks`",
  unverified: "no official shape: our reading",
};

export function eventTypeRows(): Row[] {
  return Object.entries(meanings).map(([confidence, meaning]) => {
    const types = eventTypes.filter((type) => eventFixture(type).confidence === confidence);
    const names = shorten(types).map((name) => `\`${name}\``);
    return [meaning, String(types.length), names.join(", ")];
  });
}

/** Event types as patterns, as `emit` reads them, where all of one kind are in the list. */
function shorten(types: readonly EventType[]): string[] {
  const names = types.map((type) => {
    const pattern = type.replace(/[^.]*$/, "*");
    const kind = matchEventTypes(pattern);
    return kind.length > 1 && kind.every((known) => types.includes(known)) ? pattern : type;
  });
  return [...new Set(names)];
}
