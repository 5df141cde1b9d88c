/** `emit --print`: signs, and delivers nothing. */
import { randomBytes } from "node:crypto";
import { findEndpoints, type Endpoint } from "../../app/endpoints.ts";
import { systemClock } from "../../delivery/clock.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import type { EventType } from "../../kinde/event-data.ts";
import { createEvent } from "../../kinde/events.ts";
import { createIdempotencyKey } from "../../kinde/ids.ts";
import type { JsonObject } from "../../kinde/json.ts";
import { signEvent } from "../../kinde/sign.ts";
import { tellSkipped } from "../warnings.ts";
import { formatClaims, formatRequest, type PrintFormat } from "../output/webhook-request.ts";
import type { EmitInput } from "./emit-input.ts";
import { readForwardSetting } from "./forward-setting.ts";

/** @returns the exit code */
export async function printEvents(input: EmitInput, format: PrintFormat): Promise<number> {
  const { eventTypes, request, values, signingKeys, context } = input;
  const { reporter, interruption } = context;
  if (reporter.isJson) {
    throw new InvalidOptionError("--print", "no --json beside it", "both", "--print claims is JSON already.");
  }
  const isRequest = format === "curl" || format === "http";
  if (isRequest) {
    reporter.note(
      "Your app can verify this while a local issuer serves its key: run `npx kinde-devhook mock` beside it.",
    );
  }
  const endpoints = isRequest ? findEndpointsOf(input) : [];
  const skipped = new Set<EventType>();
  for (let round = 0; round < values.count; round++) {
    for (const type of eventTypes) {
      if (interruption.stop.aborted) return 0;
      const event = createEvent(type, request, { now: systemClock.now(), randomBytes });
      const claims = event as unknown as JsonObject;
      const token = await signEvent(event, signingKeys.current());
      if (!isRequest) {
        reporter.print(format === "token" ? token : formatClaims(claims));
        continue;
      }
      const wanting = endpoints.filter(({ eventTypes: wanted }) => wanted.includes(type));
      if (wanting.length === 0) skipped.add(type);
      for (const { url } of wanting) {
        const webhookId = request.webhookId ?? createIdempotencyKey(randomBytes);
        reporter.print(formatRequest(format, { token, webhookId, endpoint: url }));
      }
    }
  }
  tellSkipped(skipped, reporter);
  return skipped.size === 0 ? 0 : 1;
}

function findEndpointsOf({ values, context }: EmitInput): readonly Endpoint[] {
  const forward = readForwardSetting(context.settings);
  return findEndpoints({ project: context.project, to: values.to, forward }).endpoints;
}
