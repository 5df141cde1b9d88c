/** `mock`, from ready to Ctrl-C. */
import { once } from "node:events";
import type { RunningMock } from "../../app/open-mock.ts";
import { startMock } from "../../app/start-mock.ts";
import { systemClock } from "../../delivery/clock.ts";
import { defaultTimeoutMs } from "../../delivery/deliver.ts";
import { assertDistinct, endpointOf, type Forward } from "../../delivery/forward.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import { eventTypes } from "../../kinde/event-types.ts";
import { jwksPaths } from "../../kinde/jwks.ts";
import type { RegisteredWebhook } from "../../kinde/webhook.ts";
import { ensureCertificates } from "../../project/certificate-files.ts";
import { loadSigningKey } from "../../project/keys-file.ts";
import type { Client } from "../../issuer/routes/oauth.ts";
import type { Context } from "../command.ts";
import { graceMs } from "../interruption.ts";
import { createDeliveryLog } from "../output/delivery-log.ts";
import type { Reporter } from "../output/reporter.ts";
import { openHistory } from "../project-history.ts";
import { warnIfExposed, warnIfRemote, warnOfNoTls } from "../warnings.ts";

/** Times in milliseconds. */
export interface MockOptions {
  readonly webhook: readonly Forward[];
  readonly client: Client | undefined;
  readonly strict: boolean;
  readonly "max-webhooks": number | undefined;
  readonly timeout: number | undefined;
  readonly "issuer-port": number;
  readonly "json-token": boolean;
}

/** @returns the exit code */
export async function runMock(
  values: MockOptions,
  { project, reporter, interruption }: Context,
): Promise<number> {
  assertDistinct(values.webhook, "--webhook");
  assertRoom(values);
  warnIfRemote(values.webhook.map(endpointOf), reporter);
  const key = await loadSigningKey(project, systemClock.now());
  warnIfExposed(key, project, reporter);
  const history = openHistory(project, reporter);
  const log = createDeliveryLog({
    reporter,
    total: undefined,
    withToken: values["json-token"],
    hintContext: () => ({
      localIssuer: mock.issuer,
      hasFetchedJwks: mock.hasServedJwks(),
      expectedStatus: 200,
      endpointOption: "--webhook",
    }),
  });
  let known: readonly RegisteredWebhook[] = [];
  const mock = await startMock({
    project,
    signingKey: key.signingKey,
    history,
    clock: systemClock,
    issuerPort: values["issuer-port"],
    client: values.client,
    isStrict: values.strict,
    maxWebhooks: values["max-webhooks"],
    webhooks: values.webhook.map((webhook) => ({ url: endpointOf(webhook), eventTypes: webhook.eventTypes })),
    timeoutMs: values.timeout ?? defaultTimeoutMs,
    onAnnounceFailure: (error) =>
      reporter.record({
        record: "warning",
        code: "WARN_NOT_ANNOUNCED",
        message: `${error instanceof Error ? error.message : String(error)} Commands of other terminals do not learn of this webhook.`,
      }),
    onWebhooksChange: (webhooks) => {
      tellWebhooks(known, webhooks, reporter);
      known = webhooks;
    },
    onChange: (delivery) => {
      if (delivery.attempts.length > 0) history.keep(delivery);
      log.onChange(delivery);
    },
  });
  known = mock.webhooks;
  try {
    const ca = await ensureCertificates(project, systemClock.now()).catch(warnOfNoTls(reporter));
    tellReady(mock, ca?.caPath ?? null, reporter);
    if (!interruption.stop.aborted) await once(interruption.stop, "abort");
  } finally {
    await mock.close(graceMs);
    await history.close();
  }
  return 0;
}

/** @throws {InvalidOptionError} `ERR_INVALID_OPTION` when the command line itself names more webhooks than there may be */
function assertRoom({ webhook, "max-webhooks": max }: MockOptions): void {
  if (max === undefined || webhook.length <= max) return;
  throw new InvalidOptionError(
    "--webhook",
    `${max} at most, for --max-webhooks says so`,
    String(webhook.length),
  );
}

/** What the Management API has registered, changed or removed, a line each. */
function tellWebhooks(
  before: readonly RegisteredWebhook[],
  after: readonly RegisteredWebhook[],
  reporter: Reporter,
): void {
  const { note } = reporter;
  for (const webhook of after) {
    if (before.includes(webhook)) continue;
    const isKnown = before.some(({ id }) => id === webhook.id);
    note(`webhook ${isKnown ? "changed" : "registered"}  ${webhook.endpoint}  ${describeTypes(webhook)}`);
    if (!isKnown) warnIfRemote([new URL(webhook.endpoint)], reporter);
  }
  for (const { id, endpoint } of before) {
    if (!after.some((webhook) => webhook.id === id)) note(`webhook removed  ${endpoint}`);
  }
}

function describeTypes({ eventTypes: wanted }: RegisteredWebhook): string {
  return wanted.length === eventTypes.length ? "every event type" : wanted.join(", ");
}

function tellReady(mock: RunningMock, caFile: string | null, reporter: Reporter): void {
  const jwksUrl = `${mock.issuer}${jwksPaths[0]}`;
  const { paint, print } = reporter;
  if (reporter.isJson) {
    reporter.record({
      record: "ready",
      publicUrl: null,
      intake: null,
      probed: false,
      issuer: null,
      localIssuer: mock.issuer,
      jwksUrl,
      caFile,
      forward: [],
      webhooks: mock.webhooks.map(({ id, endpoint, eventTypes: wanted }) => ({
        id,
        endpoint,
        eventTypes: wanted,
      })),
    });
    return;
  }
  print(`${paint("green", "ready")}  the fake Kinde runs; Ctrl-C stops it`);
  print("");
  print(`  KINDE_ISSUER_URL=${mock.issuer}   ${paint("dim", "← for your app")}`);
  print(`  ${paint("dim", `JWKS ${jwksUrl}`)}`);
  print(`  ${paint("dim", `access tokens ${mock.issuer}/oauth2/token`)}`);
  if (caFile !== null) {
    print(`  ${paint("dim", `https on the same port, for Node with NODE_EXTRA_CA_CERTS=${caFile}`)}`);
  }
  for (const webhook of mock.webhooks) {
    print(`  ${paint("dim", `webhook ${webhook.endpoint}  ${describeTypes(webhook)}`)}`);
  }
  print("");
  print(
    mock.webhooks.length > 0
      ? "Emit from another terminal: npx kinde-devhook emit user.created"
      : "Emit from another terminal: npx kinde-devhook emit user.created --to http://localhost:3000/api/webhook",
  );
}
