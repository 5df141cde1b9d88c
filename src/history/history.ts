/** What happened: every delivery of the project, as it last was. */
import type { Delivery } from "../delivery/delivery.ts";

export interface History {
  /** Keeps a delivery, or its newer state. */
  append(delivery: Delivery): Promise<void>;
  get(id: string): Promise<Delivery | undefined>;
  /** The latest change first. */
  list(options: HistoryQuery): Promise<readonly Delivery[]>;
  close(): Promise<void>;
}

export interface HistoryQuery {
  readonly limit: number;
  readonly where?: (delivery: Delivery) => boolean;
  /** What every delivery that is wanted holds somewhere, as JSON writes it: records without it need not be read. */
  readonly containing?: string;
}
