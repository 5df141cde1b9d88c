/** Where `emit` delivers, as the user sees it: told, waited for, remembered. */
import { join } from "node:path";
import type { Destination } from "../../app/destination.ts";
import { waitForApp } from "../../app/wait-for-app.ts";
import { systemClock } from "../../delivery/clock.ts";
import { ProjectNotWritableError } from "../../project/directory.ts";
import { updateState } from "../../project/state-file.ts";
import type { Context } from "../command.ts";
import { warnIfRemote } from "../warnings.ts";
import type { EmitInput, WaitOn } from "./emit-input.ts";

const waitOnMs = 60_000;

/** How many deliveries are to come. Of a running mock it is the most: what its webhooks want, it knows itself. */
export function countDeliveries(
  destination: Destination,
  { eventTypes, values: { count, fault } }: EmitInput,
): number {
  // These make two deliveries of one.
  const each = fault === "duplicate" || fault === "reordered" ? 2 : 1;
  if (destination.kind === "mock") return each * eventTypes.length * count * destination.run.webhooks.length;
  const perRound = destination.endpoints.map(
    ({ eventTypes: wanted }) => eventTypes.filter((type) => wanted.includes(type)).length,
  );
  return each * count * perRound.reduce((sum, wanted) => sum + wanted, 0);
}

/** Says where events go and why, and warns of an endpoint that can't reach the local issuer. */
export function describeDestination(destination: Destination, { reporter }: Context): void {
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

export async function waitOnApp(destination: Destination, { waitOn, context }: EmitInput): Promise<void> {
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
export function rememberEndpoint(destination: Destination, { project, reporter }: Context): void {
  if (destination.kind === "mock" || destination.endpoints.length !== 1) return;
  // A `run` leaves nothing behind, and neither does what it runs.
  if (destination.through !== undefined) return;
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
