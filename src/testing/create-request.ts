import { userAgent } from "../delivery/attempt-delivery.ts";
import { createEvent } from "../kinde/events.ts";
import { InvalidOptionError } from "../kinde/errors.ts";
import { faultOf, faults, type FaultName } from "../kinde/faults.ts";
import { createFaultyRequest } from "../kinde/faulty-request.ts";
import { createIdempotencyKey, type Origin } from "../kinde/ids.ts";
import { parseOptions } from "../kinde/parse-option.ts";
import type { SigningKey } from "../kinde/signing-key.ts";
import { createWebhookRequest, subscribes, type Webhook } from "../kinde/webhook.ts";
import { createSignedEvents } from "../mock/signed-events.ts";
import { parseEmitRequest } from "../mock/emit-request.ts";
import { readEndpoint } from "./mock-options.ts";
import { readOnWarning } from "./on-warning.ts";

export interface RequestOrigin extends Origin {
  readonly signingKey: SigningKey;
  readonly webhooks: readonly Webhook[];
  /** Called with what was signed. */
  readonly onToken: (eventId: string, token: string) => void;
}

const optionNames = ["data", "set", "unset", "source", "webhookId", "fault", "url", "onWarning"];
const defaultUrl = "http://localhost:3000/api/webhook";

/** `createRequest` of a mock: what `emit` would send, as a web-standard Request. */
export async function createRequest(
  type: unknown,
  options: unknown,
  { signingKey, webhooks, onToken, ...origin }: RequestOrigin,
): Promise<Request> {
  const { url, onWarning, ...rest } = parseOptions(options, "createRequest", optionNames);
  const request = parseEmitRequest({ ...rest, type }, "createRequest");
  const wanting = webhooks.find((webhook) => subscribes(webhook, request.type));
  const endpoint = readEndpoint(
    url === undefined ? (wanting?.endpoint ?? defaultUrl) : url,
    "url of createRequest",
  );
  const overrides = { ...request, onWarning: readOnWarning(onWarning, "createRequest") };
  const { fault } = request;
  assertOneRequest(fault);
  const events = createSignedEvents(createEvent(request.type, overrides, origin), {
    fault,
    origin,
    signingKey,
  });
  const webhookId = request.webhookId ?? createIdempotencyKey(origin.randomBytes);
  const [token = ""] = await events.sign();
  onToken(events.claims[0]!.event_id, token);
  const { method, headers, body } =
    fault === undefined
      ? createWebhookRequest(token, webhookId)
      : createFaultyRequest(fault, token, webhookId);
  return new Request(endpoint, { method, headers: { ...headers, "user-agent": userAgent }, body });
}

function assertOneRequest(fault: FaultName | undefined): void {
  if (fault === undefined || faultOf(fault).isOneRequest) return;
  throw new InvalidOptionError(
    "fault of createRequest",
    faults
      .filter(({ isOneRequest }) => isOneRequest)
      .map(({ name }) => name)
      .join(", "),
    JSON.stringify(fault),
    "It is no matter of a single request: emit makes it.",
  );
}
