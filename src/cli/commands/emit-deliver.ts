/** `emit`: delivers, shows what comes of it, and sums up. */
import { findDestination, type Destination } from "../../app/destination.ts";
import { runEmission } from "../../app/emission.ts";
import { openEmitter } from "../../app/emitter.ts";
import { waitForApp } from "../../app/wait-for-app.ts";
import { systemClock } from "../../delivery/clock.ts";
import { endpointOf, parseForward } from "../../delivery/forward.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import { updateState } from "../../project/state-file.ts";
import { createDeliveryLog } from "../output/delivery-log.ts";
import { formatCount } from "../output/human.ts";
import { openHistory } from "../project-history.ts";
import { warnIfRemote } from "../warnings.ts";
import type { EmitInput } from "./emit-input.ts";
import { readForwardSetting } from "./forward-setting.ts";

const waitOnMs = 60_000;

/** @returns the exit code: 0 when everything was delivered, 1 otherwise */
export async function deliverEvents(input: EmitInput): Promise<number> {
  const { eventTypes, request, values, signingKey, context } = input;
  const { reporter, project, interruption, settings } = context;
  const destination = await findDestination({
    project,
    to: values.to,
    forward: readForwardSetting(settings),
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
        onSkipped: (type) =>
          reporter.record({
            record: "skipped",
            webhookId: null,
            event: { type },
            reason: "no endpoint wants this event type",
          }),
      },
    );
    log.end();
    if (reporter.isJson || total > 1) reporter.record({ record: "summary", ...summary });
    if (interruption.stop.aborted && total > 1) {
      reporter.note(`Interrupted after ${formatCount(summary.total)} of ${formatCount(total)} deliveries.`);
    }
    rememberEndpoint(destination, summary.delivered > 0 && values.expect === 200, input);
    if (failure !== undefined) throw failure;
    // Events that no endpoint wanted were not delivered either: in CI a wrong pattern must not pass.
    return summary.failed === 0 && summary.total > 0 ? 0 : 1;
  } finally {
    await emitter.close();
    await history.close();
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

function waitOnUrls(destination: Destination, waitOn: string): URL[] {
  if (waitOn !== "" && waitOn !== "true") return [endpointOf(parseForward(waitOn, "--wait-on"))];
  const urls =
    destination.kind === "mock"
      ? destination.run.webhooks.map((endpoint) => new URL(endpoint))
      : destination.endpoints.map(({ url }) => url);
  if (urls.length > 0) return urls;
  throw new InvalidOptionError("--wait-on", "a URL", "nothing");
}

/** The next bare `emit` goes where this one was answered 200. */
function rememberEndpoint(destination: Destination, wasDelivered: boolean, { context }: EmitInput): void {
  if (destination.kind === "mock" || !wasDelivered || destination.endpoints.length !== 1) return;
  updateState(context.project, { lastEndpoint: destination.endpoints[0]!.url.href });
}
