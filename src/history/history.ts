/** What happened: every delivery of the project, as it last was. */
import type { Delivery } from "../delivery/delivery.ts";

export interface History {
  /** Keeps a delivery, or its newer state. */
  append(delivery: Delivery): Promise<void>;
  get(id: string): Promise<Delivery | undefined>;
  /** The latest change first. */
  list(options: HistoryQuery & { readonly limit: number }): Promise<readonly Delivery[]>;
  /** As `list`, one after the other: all of them need never be in memory at once. */
  read(query?: HistoryQuery): AsyncIterable<Delivery>;
  /**
   * What is appended from now on, by this process or another, each state as it comes and in its order, until the signal:
   * whoever reads after calling this misses nothing.
   * @param onCleared told when all that there was is gone, whoever cleared it, and before what came after that
   */
  follow(signal: AbortSignal, onCleared?: () => void): AsyncIterable<Delivery>;
  /** Forgets all of it. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export interface HistoryQuery {
  readonly where?: (delivery: Delivery) => boolean;
  /** What every delivery that is wanted holds somewhere, in each of its states, as JSON writes it: records without it need not be read. */
  readonly containing?: string;
  /** Only what has changed since, in epoch milliseconds. */
  readonly since?: number;
}
