import type { Delivery } from "../delivery/delivery.ts";
import { DevhookError } from "../kinde/errors.ts";

/** The mock has been closed: nothing is emitted any more, and nothing verifies. */
export class MockClosedError extends DevhookError {
  override readonly code = "ERR_MOCK_CLOSED";
  constructor(verb: string, advice = "Start another with startMockKinde().") {
    super(`Failed to ${verb}: this mock has been closed. ${advice}`);
  }
}

/** The mock was reset while something was waited for: what comes now belongs to what comes after. */
export class MockResetError extends DevhookError {
  override readonly code = "ERR_MOCK_RESET";
  constructor(verb: string, advice: string) {
    super(`Failed to ${verb}: the mock has been reset meanwhile. ${advice} before the test ends.`);
  }
}

/** The fixture is started anew for each test, where it should live as long as the file. */
export class VitestTooOldError extends DevhookError {
  override readonly code = "ERR_VITEST_TOO_OLD";
  constructor() {
    super(
      "Failed to share one mock among the tests of a file: kinde-devhook/vitest needs vitest 3.2 or newer. " +
        "With an older one call startMockKinde() in beforeAll.",
    );
  }
}

/** What was waited for did not come in time. */
export class WaitTimeoutError extends DevhookError {
  override readonly code = "ERR_WAIT_TIMEOUT";
  override readonly exitCode = 1;
  readonly timeoutMs: number;
  /** What there was instead. */
  readonly deliveries: readonly Delivery[];
  constructor(wanted: string, timeoutMs: number, deliveries: readonly Delivery[]) {
    super(
      `Failed to wait for ${wanted}: none came within ${timeoutMs} ms. ${describeDeliveries(deliveries)} ` +
        "If it only takes longer, give waitFor a longer timeoutMs.",
    );
    this.timeoutMs = timeoutMs;
    this.deliveries = deliveries;
  }
}

const shownDeliveries = 3;

/** The latest, for they are what the test has just done. */
function describeDeliveries(deliveries: readonly Delivery[]): string {
  if (deliveries.length === 0) return "Nothing has been emitted yet.";
  const latest = deliveries.slice(-shownDeliveries).map(describeDelivery).join("; ");
  const all = deliveries.length > shownDeliveries ? `${deliveries.length} so far, the latest` : "So far";
  return `${all}: ${latest}.`;
}

function describeDelivery({ event, endpoint, state, attempts }: Delivery): string {
  const type = event?.type ?? "no event";
  const last = attempts.at(-1);
  if (state === "delivered") return `${type} was delivered to ${endpoint}`;
  if (last === undefined) return `${type} waits for the answer of ${endpoint}`;
  const why = last.error?.message ?? `answered ${last.status}`;
  return state === "pending"
    ? `${type} was not taken by ${endpoint} (${why}) and is attempted again`
    : `${type} failed at ${endpoint} (${why})`;
}
