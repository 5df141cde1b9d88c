/** `emit`: delivers, shows what comes of it, and sums up. */
import { findDestination, type Destination } from "../../app/destination.ts";
import type { EmissionSummary } from "../../app/delivery-tally.ts";
import { runEmission } from "../../app/emission.ts";
import { openEmitter, type Emitter } from "../../app/emitter.ts";
import { findSurroundingMock } from "../../app/surrounding-mock.ts";
import { systemClock } from "../../delivery/clock.ts";
import { deliveredStatus, isToBeKept } from "../../delivery/delivery.ts";
import type { PendingFile } from "../../history/pending-file.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import type { EventType } from "../../kinde/event-data.ts";
import { faultOf } from "../../kinde/faults.ts";
import { createDeliveryLog, type DeliveryLog } from "../output/delivery-log.ts";
import { formatCount } from "../output/format.ts";
import { noteAfter, noteWhileStopping } from "../patience.ts";
import { openHistory, openPending, type KeptHistory } from "../project-history.ts";
import { recordSkipped, standInAdvice, tellSkipped, warnOfJwks } from "../warnings.ts";
import { countDeliveries, describeDestination, rememberEndpoint, waitOnApp } from "./emit-destination.ts";
import type { EmitInput, EmitOptions } from "./emit-input.ts";
import { readForwardSetting } from "./forward-setting.ts";

const patienceMs = 2_000;

/** @returns the exit code: 0 when everything was delivered, 1 otherwise */
export async function deliverEvents(input: EmitInput): Promise<number> {
  const { values, context } = input;
  const destination = await findDestination({
    project: context.project,
    to: values.to,
    forward: readForwardSetting(context.settings),
    issuerPort: values["issuer-port"],
    surroundingMock: await findSurroundingMock(context.environment),
  });
  assertOwnClock(destination, values);
  describeDestination(destination, context);
  if (values.fault !== undefined) {
    context.reporter.note(`fault ${values.fault}: ${faultOf(values.fault).does}`);
  }
  await waitOnApp(destination, input);

  const total = countDeliveries(destination, input);
  const history = openHistory(context.project, context.reporter);
  const pending = openPending(context.project, context.reporter);
  const { emitter, log } = await open(input, destination, total, history, pending);
  const done = new AbortController();
  tellPatience(total, input, done.signal);
  try {
    const { summary, skipped, failure } = await emitAll(emitter, input);
    done.abort();
    log.end();
    tellResult(summary, skipped, total, input);
    const isKnownGood = summary.delivered > 0 && expectedOf(values) === deliveredStatus;
    if (isKnownGood) rememberEndpoint(destination, context);
    if (failure !== undefined) throw failure;
    // Of a damaged event the right answer counts, which may be a refusal.
    const right = values.fault === undefined ? summary.delivered : (summary.verdicts?.pass ?? 0);
    // Events that no endpoint wanted were not delivered either: in CI a wrong pattern must not pass.
    return right === summary.total && summary.total > 0 ? 0 : 1;
  } finally {
    done.abort();
    await emitter.close();
    await history.close();
    pending.close();
  }
}

/** @throws {InvalidOptionError} `ERR_INVALID_OPTION` when it is a mock that retries, or would have to, by a clock of its own */
function assertOwnClock(destination: Destination, { retries, speed, isSpeedAsked }: EmitOptions): void {
  if (destination.kind === "endpoints" && destination.through !== undefined && retries) {
    throw new InvalidOptionError(
      "--retries",
      "none beside --to inside a run",
      "both",
      "Its mock attempts again what it delivers to its webhooks: give `run` --webhook, and no --to here.",
    );
  }
  if (destination.kind === "mock" && isSpeedAsked) {
    throw new InvalidOptionError(
      "--speed",
      "none beside a running mock, which has a clock of its own",
      String(speed),
      `Start the mock (pid ${destination.run.pid}) with it, or deliver without the mock: --to.`,
    );
  }
}

function expectedOf({ expect }: EmitOptions): number {
  return expect ?? deliveredStatus;
}

async function open(
  { values, loadSigningKeys, realIssuer, context: { project, settings, reporter } }: EmitInput,
  destination: Destination,
  total: number,
  history: KeptHistory,
  pending: PendingFile,
): Promise<{ emitter: Emitter; log: DeliveryLog }> {
  const log = createDeliveryLog({
    reporter,
    total,
    withToken: values["json-token"],
    hintContext: () => ({
      localIssuer: emitter.issuer,
      hasFetchedJwks: emitter.hasServedJwks(),
      expectedStatus: expectedOf(values),
      endpointOption: "--to",
      appIssuer: settings.variable("KINDE_ISSUER_URL"),
    }),
  });
  const emitter = await openEmitter({
    destination,
    project,
    loadSigningKeys,
    history,
    clock: systemClock,
    issuerPort: values["issuer-port"],
    realIssuer: realIssuer ?? undefined,
    onJwksFailure: (error) =>
      warnOfJwks(
        error,
        standInAdvice(realIssuer, values["issuer-port"]) ??
          "The app still gets the key that verifies what is emitted.",
        reporter,
      ),
    timeoutMs: values.timeout,
    hasRetries: values.retries,
    speed: values.speed ?? 1,
    onChange: (delivery) => {
      // What a running mock delivers it keeps itself.
      if (destination.kind === "endpoints" && destination.through === undefined) {
        if (isToBeKept(delivery)) history.keep(delivery);
        // One attempt is over before anything could be gone on with.
        if (values.retries) pending.keep(delivery);
      }
      log.onChange(delivery);
    },
  });
  return { emitter, log };
}

async function emitAll(
  emitter: Emitter,
  { eventTypes, request, values, context: { reporter, interruption } }: EmitInput,
): Promise<{ summary: EmissionSummary; skipped: ReadonlySet<EventType>; failure: unknown }> {
  const skipped = new Set<EventType>();
  const emission = await runEmission(
    emitter,
    {
      eventTypes,
      count: values.count,
      concurrency: values.concurrency,
      ...(values.rate !== undefined && { perSecond: values.rate }),
      request: { ...request, expectedStatus: expectedOf(values) },
    },
    {
      clock: systemClock,
      stop: interruption.stop,
      abort: interruption.abort,
      onSkipped: (type) => {
        skipped.add(type);
        recordSkipped(type, reporter);
      },
    },
  );
  return { ...emission, skipped };
}

function tellResult(
  summary: EmissionSummary,
  skipped: ReadonlySet<EventType>,
  total: number,
  { context: { reporter, interruption } }: EmitInput,
): void {
  tellSkipped(skipped, reporter);
  if (reporter.isJson || total > 1) reporter.record({ record: "summary", ...summary });
  if (interruption.stop.aborted && total > 1) {
    reporter.note(`Interrupted after ${formatCount(summary.total)} of ${formatCount(total)} deliveries.`);
  }
}

/** Says what is waited for when it takes long, so that nothing looks frozen. */
function tellPatience(
  total: number,
  { values, context: { reporter, interruption } }: EmitInput,
  done: AbortSignal,
): void {
  // Between two attempts nothing is waited for but time, and their lines say so.
  if (total === 1 && !values.retries) void noteAfter(patienceMs, "Waiting for the answer …", reporter, done);
  noteWhileStopping(
    "Stopping: what is under way has up to 2 s. Ctrl-C again ends at once.",
    reporter,
    interruption.stop,
    done,
  );
}
