/** Deliveries as rows: what changed last, what came of it, and the id to go on with. */
import { changedAt, type Delivery } from "../../delivery/delivery.ts";
import { formatMs, shortDeliveryId, shortTime } from "./format.ts";
import { escapeControls, type Colour, type Paint } from "./text.ts";

export interface DeliveryTable {
  /** A row each. Columns are as wide as what has been in them so far. */
  rows(deliveries: readonly Delivery[]): string[];
}

interface Cell {
  readonly text: string;
  readonly colour?: Colour;
}

type Column = "time" | "id" | "direction" | "type" | "outcome" | "attempts" | "duration" | "endpoint";
type Row = Readonly<Record<Column, Cell>>;

const columnsInOrder: readonly Column[] = [
  "time",
  "id",
  "direction",
  "type",
  "outcome",
  "attempts",
  "duration",
  "endpoint",
];
/** Where there is no room for all, these give way, the first of them first. */
const dropped: readonly Column[] = ["duration", "attempts", "direction", "endpoint"];
const gap = "  ";
// An end of a URL that is shorter says nothing.
const shortestEndpoint = 16;

/** @param columns the terminal's width; without one rows are as long as they are */
export function createDeliveryTable(paint: Paint, columns: number | undefined): DeliveryTable {
  const widths = new Map<Column, number>();
  const paintCell = ({ text, colour }: Cell, width: number): string =>
    (colour === undefined ? text : paint(colour, text)) + " ".repeat(Math.max(0, width - text.length));
  return {
    rows: (deliveries) => {
      const rows = deliveries.map(createRow);
      for (const row of rows) {
        for (const column of columnsInOrder) {
          widths.set(column, Math.max(widths.get(column) ?? 0, row[column].text.length));
        }
      }
      const { shown, endpointWidth } = fit(widths, columns ?? Number.POSITIVE_INFINITY);
      return rows.map((row) =>
        shown
          .map((column) =>
            column === "endpoint"
              ? paintCell(cutStart(row.endpoint, endpointWidth), 0)
              : paintCell(row[column], widths.get(column) ?? 0),
          )
          .join(gap)
          .trimEnd(),
      );
    },
  };
}

/** The columns that there is room for, and how much there is for the endpoint. */
function fit(
  widths: ReadonlyMap<Column, number>,
  room: number,
): { readonly shown: readonly Column[]; readonly endpointWidth: number } {
  let shown = columnsInOrder;
  const left = (): number =>
    shown
      .filter((column) => column !== "endpoint")
      .reduce((rest, column) => rest - (widths.get(column) ?? 0) - gap.length, room);
  const enough = Math.min(shortestEndpoint, widths.get("endpoint") ?? 0);
  for (const column of dropped) {
    if (left() >= enough) break;
    shown = shown.filter((each) => each !== column);
  }
  return { shown, endpointWidth: left() };
}

function createRow(delivery: Delivery): Row {
  const { id, direction, event, attempts, endpoint } = delivery;
  const latest = attempts.at(-1);
  const changed = new Date(changedAt(delivery)).toISOString();
  return {
    time: { text: shortTime(changed), colour: "dim" },
    id: { text: escapeControls(shortDeliveryId(id)) },
    direction: { text: direction, colour: "dim" },
    type: { text: escapeControls(event?.type ?? "no event"), colour: "bold" },
    outcome: describeOutcome(delivery),
    attempts: { text: attempts.length === 1 ? "1 attempt" : `${attempts.length} attempts`, colour: "dim" },
    duration: { text: latest === undefined ? "" : formatMs(latest.durationMs), colour: "dim" },
    endpoint: { text: escapeControls([endpoint, ...describeKind(delivery)].join(gap)), colour: "dim" },
  };
}

const colours = { delivered: "green", failed: "red", pending: "yellow" } as const;

function describeOutcome({ state, attempts }: Delivery): Cell {
  const latest = attempts.at(-1);
  const status = latest === undefined ? "" : ` ${latest.status ?? "no answer"}`;
  return { text: `${state}${status}`, colour: colours[state] };
}

function describeKind({ fault, isCopy, isShielded, isRedacted }: Delivery): string[] {
  return [
    ...(fault === undefined ? [] : [`fault ${fault}`]),
    ...(isCopy === true ? ["copy"] : []),
    ...(isShielded === true ? ["shielded"] : []),
    ...(isRedacted === true ? ["redacted"] : []),
  ];
}

/** The end of a URL tells endpoints apart. */
function cutStart({ text, ...cell }: Cell, width: number): Cell {
  return { ...cell, text: text.length <= width ? text : `…${text.slice(text.length - width + 1)}` };
}
