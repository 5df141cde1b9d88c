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

/**
 * Resolves as soon as something listens at a URL's host and port.
 * @throws {AppNotListeningError} `ERR_APP_NOT_LISTENING`
 */
export async function waitForApp(
  url: URL,
  limitMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const deadline = clock.now() + limitMs;
  while (!(await acceptsConnections(url, connectTimeoutMs))) {
    if (clock.now() >= deadline) throw new AppNotListeningError(url, limitMs);
    await clock.wait(stepMs, signal);
  }
}
