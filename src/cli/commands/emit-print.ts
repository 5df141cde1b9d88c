/** `emit --print`: signs, and delivers nothing. */
import { randomBytes } from "node:crypto";
import { findEndpoints, type Endpoint } from "../../app/endpoints.ts";
import { systemClock } from "../../delivery/clock.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import type { EventType } from "../../kinde/event-data.ts";
import { createEvent } from "../../kinde/events.ts";
import { faultOf, type FaultName } from "../../kinde/faults.ts";
import { createFaultyRequest } from "../../kinde/faulty-request.ts";
import { createIdempotencyKeys } from "../../kinde/ids.ts";
import type { JsonObject } from "../../kinde/json.ts";
import { createSignedEvents } from "../../mock/signed-events.ts";
import { keysPathOf, readKeys } from "../../project/keys-file.ts";
import type { Context } from "../command.ts";
import { tellSkipped } from "../warnings.ts";
import { formatClaims, formatRequest, type PrintFormat } from "../output/webhook-request.ts";
import type { EmitInput } from "./emit-input.ts";
import { readForwardSetting } from "./forward-setting.ts";

/** @returns the exit code */
export async function printEvents(input: EmitInput, format: PrintFormat): Promise<number> {
  const { eventTypes, request, values, context } = input;
  const { reporter, interruption } = context;
  if (reporter.isJson) {
    throw new InvalidOptionError("--print", "no --json beside it", "both", "--print claims is JSON already.");
  }
  assertKnownKey(context);
  const isRequest = format === "curl" || format === "http";
  const { fault } = request;
  if (isRequest && fault !== undefined) assertPrintable(fault, format);
  if (isRequest && (fault === undefined || faultOf(fault).reason === null)) {
    reporter.note(
      "Your app can verify this while a local issuer serves its key: run `npx kinde-devhook mock` beside it.",
    );
  }
  const signingKeys = await input.loadSigningKeys();
  const endpoints = isRequest ? findEndpointsOf(input) : [];
  const skipped = new Set<EventType>();
  for (let round = 0; round < values.count; round++) {
    for (const type of eventTypes) {
      if (interruption.stop.aborted) return 0;
      const origin = { now: systemClock.now(), randomBytes };
      const events = createSignedEvents(createEvent(type, request, origin), {
        fault,
        origin,
        signingKey: signingKeys.current(),
      });
      const tokens = await events.sign();
      if (!isRequest) {
        for (const [index, claims] of events.claims.entries()) {
          reporter.print(format === "token" ? tokens[index]! : formatClaims(claims as unknown as JsonObject));
        }
        continue;
      }
      const wanting = endpoints.filter(({ eventTypes: wanted }) => wanted.includes(type));
      if (wanting.length === 0) skipped.add(type);
      for (const { url } of wanting) {
        const keyOf = createIdempotencyKeys(request.webhookId, randomBytes);
        for (const [index, { event_id }] of events.claims.entries()) {
          const token = tokens[index]!;
          reporter.print(formatRequest(format, { token, webhookId: keyOf(event_id), endpoint: url, fault }));
        }
      }
    }
  }
  tellSkipped(skipped, reporter);
  return skipped.size === 0 ? 0 : 1;
}

/** @throws {InvalidOptionError} `ERR_INVALID_OPTION` where the key that `run` made for itself would have to sign */
function assertKnownKey({ environment, project }: Context): void {
  if (!environment["KINDE_DEVHOOK_URL"] || readKeys(keysPathOf(project)) !== undefined) return;
  throw new InvalidOptionError(
    "--print",
    "a project with a signing key",
    "one without",
    "`run` has made a key for itself alone. `npx kinde-devhook keys show` before it makes one that both use.",
  );
}

/** @throws {InvalidOptionError} `ERR_INVALID_OPTION` where the fault is in how the request is sent, and not in the request */
function assertPrintable(fault: FaultName, format: PrintFormat): void {
  if (createFaultyRequest(fault, "", "").pacing === undefined) return;
  throw new InvalidOptionError(
    `--fault beside --print ${format}`,
    "one that a single request can show",
    fault,
    "It is in how the request is sent: deliver it instead, without --print.",
  );
}

function findEndpointsOf({ values, context }: EmitInput): readonly Endpoint[] {
  const forward = readForwardSetting(context.settings);
  return findEndpoints({ project: context.project, to: values.to, forward }).endpoints;
}
