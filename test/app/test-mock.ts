import type { RunningMock } from "../../src/app/open-mock.ts";
import { startMock, type StartMockOptions } from "../../src/app/start-mock.ts";
import { systemClock } from "../../src/delivery/clock.ts";
import { createScheduleClock } from "../../src/delivery/schedule-clock.ts";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";
import type { Project } from "../../src/project/directory.ts";
import { readRunFile, type RunRecord } from "../../src/project/run-file.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { signingKeys } from "../helpers/keys.ts";
import { openPendingOf } from "../history/pending-of.ts";

export interface TestMock extends RunningMock, AsyncDisposable {
  /** What another process of the project reads of it. */
  readonly run: RunRecord;
}

/** A running mock of a project on a free port, with a webhook for every event type at each URL. What it leaves pending is kept. */
export async function startTestMock(
  project: Project,
  urls: readonly string[],
  options: Partial<StartMockOptions> = {},
): Promise<TestMock> {
  const issuerPort = options.issuerPort ?? (await findFreePort());
  const pending = openPendingOf(project);
  const mock = await startMock({
    project,
    signingKeys,
    history: createMemoryHistory(),
    pending,
    clock: systemClock,
    time: createScheduleClock(systemClock),
    issuerPort,
    webhooks: urls.map((url) => ({ url: new URL(url), eventTypes })),
    timeoutMs: 20_000,
    onChange: () => {},
    ...options,
  });
  let closing: Promise<void> | undefined;
  const end = async (graceMs: number): Promise<void> => {
    await mock.close(graceMs);
    pending.close();
  };
  const close = (graceMs: number): Promise<void> => (closing ??= end(graceMs));
  return {
    ...mock,
    run: readRunFile(project, issuerPort)!,
    close,
    [Symbol.asyncDispose]: () => close(0),
  };
}
