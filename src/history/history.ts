/** What happened: every delivery of the project, as it last was. */
import type { Delivery } from "../delivery/delivery.ts";

export interface History {
  /** Keeps a delivery, or its newer state. */
  append(delivery: Delivery): Promise<void>;
  get(id: string): Promise<Delivery | undefined>;
  /** The newest first. */
  list(options: { readonly limit: number }): Promise<readonly Delivery[]>;
  close(): Promise<void>;
}
