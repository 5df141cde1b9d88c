import { createRandomPool } from "../app/random-pool.ts";
import type { Origin } from "../kinde/ids.ts";
import { createSeededBytes } from "./seeded-bytes.ts";

/** Of what the ids of a mock are drawn. */
export interface Source {
  readonly eventBytes: Origin["randomBytes"];
  /** Apart from the events: when an app registers a webhook must not change what a seed gives to them. */
  readonly webhookBytes: Origin["randomBytes"];
  restart(): void;
}

/** Where ids are drawn from: chance, or the seed; after a restart it gives the same again. */
export function createSource(seed: string | number | undefined): Source {
  const open = (what: string): Origin["randomBytes"] =>
    seed === undefined ? createRandomPool() : createSeededBytes(`${what} ${seed}`);
  let [events, webhooks] = [open("events"), open("webhooks")];
  return {
    eventBytes: (size) => events(size),
    webhookBytes: (size) => webhooks(size),
    // Those that were given at the start keep their ids; no other may get them.
    restart: () => ([events, webhooks] = [open("events"), open("registered webhooks")]),
  };
}
