/** `/_devhook/api/deliveries`: what was delivered, one of it, and the same again. */
import { Router, type Request } from "express";
import type { Delivery } from "../../delivery/delivery.ts";
import type { ReplayEdits } from "../../delivery/replay.ts";
import { createQuery } from "../../history/delivery-filter.ts";
import { findDelivery } from "../../history/find-delivery.ts";
import type { History } from "../../history/history.ts";
import { eventTypesOf, warnOfUnknownTypes } from "../../history/unknown-types.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import { describeValue } from "../../kinde/parse-option.ts";
import { parseDeliveryQuery } from "./delivery-query.ts";
import { readBody } from "./read-body.ts";
import { parseReplayRequest } from "./replay-request.ts";

export interface DeliveryRoutesOptions {
  readonly history: History;
  /** Those under way in this process, which the history need not have yet. */
  readonly underWay: () => readonly Delivery[];
  /** What there is to say of a delivery beside what its record has. Default: nothing. */
  readonly describe?: ((delivery: Delivery) => Promise<object>) | undefined;
  /** A delivery as it may be shown. Default: as it is. */
  readonly shown?: ((delivery: Delivery) => Delivery) | undefined;
  /** Sends it again, as the edits say. Absent where that can't be. */
  readonly replay?: Replay | undefined;
  /** A delivery of this process when it is pending no more; `undefined` for one that is not pending here. */
  readonly untilEnded: (id: string) => Promise<Delivery> | undefined;
}

/** @returns the new delivery after its attempt, and what needed a new signature */
export type Replay = (
  delivery: Delivery,
  edits: ReplayEdits,
) => Promise<{ readonly delivery: Delivery; readonly changes: readonly string[] }>;

export function createDeliveryRoutes(options: DeliveryRoutesOptions): Router {
  const { history, underWay, describe = () => Promise.resolve({}), replay, untilEnded } = options;
  const { shown = (delivery: Delivery) => delivery } = options;
  const router = Router();
  const find = async (id: string): Promise<Delivery> =>
    underWay().find((each) => each.id === id) ?? (await findDelivery(history, id));

  router.get("/", async (request, response) => {
    const { limit, ...filter } = parseDeliveryQuery(request.query, Date.now());
    const deliveries = await history.list({ limit, ...createQuery(filter) });
    const latest = deliveries.length === limit ? limit : undefined;
    const warnings = warnOfUnknownTypes(filter.types, eventTypesOf(deliveries), latest);
    response.json({
      deliveries: deliveries.map((delivery) => shown(delivery)),
      ...(warnings.length > 0 && { warnings }),
    });
  });
  router.get("/:id", async (request: Request<{ readonly id: string }>, response) => {
    const { id } = request.params;
    const isToEnd = parseUntil(request.query["until"]) === "ended";
    const ended = isToEnd ? await untilEnded(id) : undefined;
    // Who has waited is told at once: the process may be about to end.
    if (ended !== undefined) {
      response.json({ delivery: shown(ended) });
      return;
    }
    const delivery = shown(await find(id));
    response.json({ delivery, ...(await describe(delivery)) });
  });
  if (replay === undefined) return router;
  router.post("/:id/replay", readBody(), async (request: Request<{ readonly id: string }>, response) => {
    const edits = parseReplayRequest(request.body);
    response.json(await replay(await find(request.params.id), edits));
  });
  return router;
}

function parseUntil(value: unknown): "ended" | undefined {
  if (value === undefined || value === "ended") return value;
  throw new InvalidOptionError("until", "ended, or nothing", describeValue(value));
}
