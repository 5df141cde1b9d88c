/** Deliveries as lines of NDJSON, read back. */
import { readFileSync } from "node:fs";
import type { Delivery } from "../delivery/delivery.ts";
import { systemErrorCode } from "../kinde/errors.ts";
import { isJsonObject } from "../kinde/json.ts";

/** The lines of a file; none when another process has just removed it. */
export function readLines(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** @returns `undefined` for what a killed process left half written */
export function parseRecord(line: string): Delivery | undefined {
  if (line === "") return undefined;
  try {
    const record: unknown = JSON.parse(line);
    return isJsonObject(record) && typeof record["id"] === "string"
      ? (record as unknown as Delivery)
      : undefined;
  } catch {
    return undefined;
  }
}
