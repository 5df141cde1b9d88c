/** What the user puts into events: read and tried out before anything is delivered. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { text as readText } from "node:stream/consumers";
import { systemClock } from "../../delivery/clock.ts";
import { InvalidOptionError, systemErrorCode } from "../../kinde/errors.ts";
import type { EventType } from "../../kinde/event-data.ts";
import { createEvent, type CreateEventOptions } from "../../kinde/events.ts";
import { isJsonObject, type JsonObject } from "../../kinde/json.ts";
import type { Context } from "../command.ts";
import type { Reporter } from "../output/reporter.ts";

/**
 * The object of `--data`.
 * @param source a file's path, or `-` for standard input
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export async function readData(source: string, context: Context): Promise<JsonObject> {
  const content = source === "-" ? await readStandardInput(context) : readFile(source, context);
  const name = source === "-" ? "standard input" : source;
  if (content.trim() === "") throw new InvalidOptionError("--data", "a JSON object", `nothing from ${name}`);
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw new InvalidOptionError(
      "--data",
      "a JSON object",
      `no JSON from ${name} (${(error as Error).message})`,
    );
  }
  if (isJsonObject(value)) return value;
  throw new InvalidOptionError("--data", "a JSON object", `${describeKind(value)} from ${name}`);
}

/**
 * Creates every event once, so that a mistake is told before the first is delivered, and once.
 * @throws what `createEvent` throws
 */
export function checkOverrides(
  eventTypes: readonly EventType[],
  options: Omit<CreateEventOptions, "onWarning">,
  reporter: Reporter,
): void {
  const warnings = new Map<string, EventType[]>();
  const types = new Set(eventTypes);
  for (const type of types) {
    createEvent(
      type,
      {
        ...options,
        onWarning: ({ message }) => warnings.set(message, [...(warnings.get(message) ?? []), type]),
      },
      { now: systemClock.now(), randomBytes },
    );
  }
  for (const [message, unsure] of warnings) {
    const where = unsure.length === types.size ? "" : ` (${unsure.join(", ")})`;
    reporter.record({ record: "warning", code: "WARN_UNKNOWN_PATH", message: message + where });
  }
}

async function readStandardInput({ stdin, reporter, interruption }: Context): Promise<string> {
  if (stdin.isTTY) reporter.note("Reading data from the terminal; Ctrl-D ends it.");
  interruption.stop.addEventListener("abort", () => stdin.destroy(), { once: true });
  return await readText(stdin);
}

function readFile(path: string, { workingDirectory }: Context): string {
  try {
    return readFileSync(resolve(workingDirectory, path), "utf8");
  } catch (error) {
    const isInline = path.trimStart().startsWith("{");
    throw new InvalidOptionError(
      "--data",
      "a file that can be read, or -",
      JSON.stringify(path),
      isInline
        ? "It takes no JSON itself: put that into a file, pipe it to `--data -`, or use --set path=value."
        : systemErrorCode(error) === "ENOENT"
          ? `There is no file ${resolve(workingDirectory, path)}.`
          : (error as Error).message,
    );
  }
}

function describeKind(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : `a ${typeof value}`;
}
