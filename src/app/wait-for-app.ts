/** Waiting for an app that is still starting. */
import type { Clock } from "../delivery/clock.ts";
import { DevhookError } from "../kinde/errors.ts";
import { acceptsConnections } from "../net/connect.ts";

export class AppNotListeningError extends DevhookError {
  override readonly code = "ERR_APP_NOT_LISTENING";
  override readonly exitCode = 1;
  constructor(url: URL, limitMs: number) {
    super(
      `Failed to reach the app: nothing listened at ${url.host} within ${limitMs / 1000} s. ` +
        "Start it, or say where it listens: --wait-on http://localhost:3000.",
    );
  }
}

const stepMs = 100;
const connectTimeoutMs = 1_000;

export interface WaitForAppOptions {
  readonly limitMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called once, when the app does not listen yet. */
  readonly onWait?: () => void;
}

/**
 * Resolves as soon as something listens at a URL's host and port.
 * @throws {AppNotListeningError} `ERR_APP_NOT_LISTENING`
 */
export async function waitForApp(
  url: URL,
  { limitMs, clock, signal, onWait }: WaitForAppOptions,
): Promise<void> {
  const deadline = clock.now() + limitMs;
  for (let tries = 1; !(await acceptsConnections(url, connectTimeoutMs)); tries++) {
    if (tries === 1) onWait?.();
    if (clock.now() >= deadline) throw new AppNotListeningError(url, limitMs);
    await clock.wait(stepMs, signal);
  }
}
