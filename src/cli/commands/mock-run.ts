/** `mock`, from ready to Ctrl-C. */
import { once } from "node:events";
import { startMock } from "../../app/start-mock.ts";
import { systemClock } from "../../delivery/clock.ts";
import { defaultTimeoutMs } from "../../delivery/attempt-delivery.ts";
import { isExpired, isToBeKept } from "../../delivery/delivery.ts";
import { createScheduleClock } from "../../delivery/schedule-clock.ts";
import { assertDistinct, endpointOf, type Forward } from "../../delivery/forward.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import type { RegisteredWebhook } from "../../kinde/webhook.ts";
import { nextTurn } from "../../net/next-turn.ts";
import { ensureCertificates } from "../../project/certificate-files.ts";
import type { Client } from "../../issuer/routes/oauth.ts";
import type { Context } from "../command.ts";
import { graceMs } from "../interruption.ts";
import { createDeliveryLog } from "../output/delivery-log.ts";
import { formatTime } from "../output/format.ts";
import { openHistory, openPending } from "../project-history.ts";
import { openKeys } from "../project-keys.ts";
import { warnIfRemote, warnOfJwks, warnOfNoTls } from "../warnings.ts";
import { tellPending, tellReady, tellResumed, tellWebhooks } from "./mock-tell.ts";
import { takeKeys } from "./take-keys.ts";

/** Times in milliseconds. */
export interface MockOptions {
  readonly webhook: readonly Forward[];
  readonly client: Client | undefined;
  readonly strict: boolean;
  readonly "max-webhooks": number | undefined;
  /** What an earlier mock has left is called off. */
  readonly "no-resume": boolean;
  readonly speed: number | undefined;
  readonly timeout: number | undefined;
  readonly "no-inspector": boolean;
  readonly "issuer-port": number;
  readonly "json-token": boolean;
}

/**
 * @param realIssuer whose keys are served too, if anybody's
 * @returns the exit code
 */
export async function runMock(
  values: MockOptions,
  realIssuer: string | undefined,
  context: Context,
): Promise<number> {
  const { project, settings, reporter, interruption } = context;
  assertDistinct(values.webhook, "--webhook");
  assertRoom(values);
  warnIfRemote(values.webhook.map(endpointOf), reporter);
  const signingKeys = await openKeys(project, reporter);
  const history = openHistory(project, reporter);
  const pending = openPending(project, reporter);
  const log = createDeliveryLog({
    reporter,
    total: undefined,
    withToken: values["json-token"],
    hintContext: () => ({
      localIssuer: mock.issuer,
      hasFetchedJwks: mock.hasServedJwks(),
      expectedStatus: 200,
      endpointOption: "--webhook",
      appIssuer: settings.variable("KINDE_ISSUER_URL"),
    }),
  });
  let known: readonly RegisteredWebhook[] = [];
  const mock = await startMock({
    project,
    signingKeys,
    history,
    pending,
    clock: systemClock,
    time: createScheduleClock(systemClock, values.speed),
    isResuming: !values["no-resume"],
    issuerPort: values["issuer-port"],
    realIssuer,
    onJwksFailure: (error) =>
      warnOfJwks(error, "Until it can be had the app gets the mock's own keys alone.", reporter),
    signal: interruption.stop,
    client: values.client,
    isStrict: values.strict,
    maxWebhooks: values["max-webhooks"],
    webhooks: values.webhook.map((webhook) => ({ url: endpointOf(webhook), eventTypes: webhook.eventTypes })),
    timeoutMs: values.timeout ?? defaultTimeoutMs,
    hasInspector: !values["no-inspector"],
    appIssuer: () => settings.variable("KINDE_ISSUER_URL"),
    onReplayWarning: (warning) => reporter.record({ record: "warning", ...warning }),
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
    onAdvance: (ms) =>
      reporter.note(`clock moved ahead by ${formatTime(ms)}; what falls due is attempted now`),
    onResume: (deliveries) => {
      log.resume(deliveries);
      // Those that are too old are told of one by one, as given up.
      const due = deliveries.filter((delivery) => !isExpired(delivery, systemClock.now()));
      if (!values["no-resume"]) tellResumed(due, reporter);
    },
    onChange: (delivery) => {
      if (isToBeKept(delivery)) history.keep(delivery);
      log.onChange(delivery);
    },
  });
  known = mock.webhooks;
  try {
    await nextTurn();
    const ca = await ensureCertificates(project, systemClock.now()).catch(warnOfNoTls(reporter));
    const inspector = mock.inspectorUrl?.() ?? null;
    tellReady(mock, { realIssuer, inspector, caFile: ca?.caPath ?? null }, reporter);
    await takeKeys({ running: mock, localIssuer: mock.issuer, history, signingKeys, context });
    if (!interruption.stop.aborted) await once(interruption.stop, "abort");
  } finally {
    await mock.close(graceMs);
    tellPending(mock.pending().length, pending.close(), reporter);
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
