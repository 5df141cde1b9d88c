import { redactDelivery } from "../delivery/redact-delivery.ts";
import type { History } from "./history.ts";

/** The same history, to which nothing is added but what is redacted (`--redact`). What it held before stays as it was. */
export function createRedactedHistory(history: History): History {
  return { ...history, append: async (delivery) => await history.append(redactDelivery(delivery)) };
}
