/** `emit`: delivers, shows what comes of it, and sums up. */
import { join } from "node:path";
import { findDestination, type Destination } from "../../app/destination.ts";
import { runEmission } from "../../app/emission.ts";
import { openEmitter } from "../../app/emitter.ts";
import { waitForApp } from "../../app/wait-for-app.ts";
import { systemClock } from "../../delivery/clock.ts";
import type { EventType } from "../../kinde/event-data.ts";
import { ProjectNotWritableError } from "../../project/directory.ts";
import { updateState } from "../../project/state-file.ts";
import type { Reporter } from "../output/reporter.ts";
import { createDeliveryLog } from "../output/delivery-log.ts";
import { formatCount } from "../output/human.ts";
import { openHistory } from "../project-history.ts";
import { warnIfRemote } from "../warnings.ts";
import type { EmitInput, WaitOn } from "./emit-input.ts";
import { readForwardSetting } from "./forward-setting.ts";

const waitOnMs = 60_000;
const skipReason = "no endpoint wants this event type";
const patienceMs = 2_000;
const stopPatienceMs = 200;
const stopNote = "Stopping: what is under way has up to 2 s. Ctrl-C again ends at once.";

/** @returns the exit code: 0 when everything was delivered, 1 otherwise */
export async function deliverEvents(input: EmitInput): Promise<number> {
  const { eventTypes, request, values, signingKey, context } = input;
  const { reporter, project, interruption, settings } = context;
  const destination = await findDestination({
    project,
    to: values.to,
    forward: readForwardSetting(settings),
    issuerPort: values["issuer-port"],
  });
  describeDestination(destination, input);
  await waitOnApp(destination, input);

  const history = openHistory(project, reporter);
  const total = countDeliveries(destination, input);
  const log = createDeliveryLog({
    reporter,
    total,
    withToken: values["json-token"],
    hintContext: () => ({
      localIssuer: emitter.issuer,
      hasFetchedJwks: emitter.hasServedJwks(),
      expectedStatus: values.expect,
      endpointOption: "--to",
    }),
  });
  const emitter = await openEmitter({
    destination,
    project,
    signingKey,
    history,
    clock: systemClock,
    issuerPort: values["issuer-port"],
    timeoutMs: values.timeout,
    onChange: (delivery) => {
      // What a running mock delivers it keeps itself.
      if (destination.kind === "endpoints" && delivery.attempts.length > 0) history.keep(delivery);
      log.onChange(delivery);
    },
  });
  const skipped = new Set<EventType>();
  const done = new AbortController();
  if (total === 1) void noteAfter(patienceMs, `Waiting for the answer …`, reporter, done.signal);
  interruption.stop.addEventListener(
    "abort",
    () => void noteAfter(stopPatienceMs, stopNote, reporter, done.signal),
    { once: true },
  );
  try {
    const { summary, failure } = await runEmission(
      emitter,
      {
        eventTypes,
        count: values.count,
        concurrency: values.concurrency,
        ...(values.rate !== undefined && { perSecond: values.rate }),
        request: { ...request, expectedStatus: values.expect },
      },
      {
        clock: systemClock,
        stop: interruption.stop,
        abort: interruption.abort,
        onSkipped: (type) => {
          skipped.add(type);
          if (!reporter.isJson) return;
          reporter.record({ record: "skipped", webhookId: null, event: { type }, reason: skipReason });
        },
      },
    );
    done.abort();
    log.end();
    if (skipped.size > 0) reporter.note(`Skipped, as no endpoint wants them: ${[...skipped].join(", ")}.`);
    if (reporter.isJson || total > 1) reporter.record({ record: "summary", ...summary });
    if (interruption.stop.aborted && total > 1) {
      reporter.note(`Interrupted after ${formatCount(summary.total)} of ${formatCount(total)} deliveries.`);
    }
    rememberEndpoint(destination, summary.delivered > 0 && values.expect === 200, input);
    if (failure !== undefined) throw failure;
    // Events that no endpoint wanted were not delivered either: in CI a wrong pattern must not pass.
    return summary.failed === 0 && summary.total > 0 ? 0 : 1;
  } finally {
    done.abort();
    await emitter.close();
    await history.close();
  }
}

/** Says something if what goes on has not ended by then. */
async function noteAfter(
  delayMs: number,
  text: string,
  reporter: Reporter,
  ended: AbortSignal,
): Promise<void> {
  try {
    await systemClock.wait(delayMs, ended);
    reporter.note(text);
  } catch {
    // It has ended.
  }
}

/** How many deliveries are to come. Of a running mock it is the most: what its webhooks want, it knows itself. */
function countDeliveries(destination: Destination, { eventTypes, values: { count } }: EmitInput): number {
  if (destination.kind === "mock") return eventTypes.length * count * destination.run.webhooks.length;
  const perRound = destination.endpoints.map(
    ({ eventTypes: wanted }) => eventTypes.filter((type) => wanted.includes(type)).length,
  );
  return count * perRound.reduce((sum, wanted) => sum + wanted, 0);
}

/** Says where events go and why, and warns of an endpoint that can't reach the local issuer. */
function describeDestination(destination: Destination, { context: { reporter } }: EmitInput): void {
  if (destination.kind === "mock") {
    reporter.note(`→ ${destination.run.webhooks.join(", ")} (${destination.why})`);
    return;
  }
  const { endpoints, why } = destination;
  reporter.note(
    `→ ${endpoints.map(({ url }) => url.href).join(", ")} (${why}${why === "--to" ? "" : "; --to changes it"})`,
  );
  warnIfRemote(
    endpoints.map(({ url }) => url),
    reporter,
  );
}

async function waitOnApp(destination: Destination, { waitOn, context }: EmitInput): Promise<void> {
  if (waitOn === undefined) return;
  const { reporter, interruption } = context;
  for (const url of waitOnUrls(destination, waitOn)) {
    await waitForApp(url, {
      limitMs: waitOnMs,
      clock: systemClock,
      signal: interruption.stop,
      onWait: () => reporter.note(`Waiting up to ${waitOnMs / 1000} s for ${url.host} to listen …`),
    });
  }
}

function waitOnUrls(destination: Destination, { url }: WaitOn): readonly URL[] {
  if (url !== undefined) return [url];
  return destination.kind === "mock"
    ? destination.run.webhooks.map((endpoint) => new URL(endpoint))
    : destination.endpoints.map((endpoint) => endpoint.url);
}

/** The next bare `emit` goes where this one was answered 200. */
function rememberEndpoint(destination: Destination, wasDelivered: boolean, { context }: EmitInput): void {
  if (destination.kind === "mock" || !wasDelivered || destination.endpoints.length !== 1) return;
  const { project, reporter } = context;
  const warn = (message: string): void =>
    reporter.record({ record: "warning", code: "WARN_STATE_NOT_WRITTEN", message });
  try {
    const isRemembered = updateState(project, { lastEndpoint: destination.endpoints[0]!.url.href });
    if (isRemembered) return;
    warn(
      `${join(project.directory, "state.json")} can't be read, so this endpoint is not remembered; move it away.`,
    );
  } catch (error) {
    if (!(error instanceof ProjectNotWritableError)) throw error;
    warn(error.message);
  }
}
