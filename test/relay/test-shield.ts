/** A shield in front of a real app, which keeps what it takes in a project's files. */
import { randomBytes } from "node:crypto";
import { systemClock } from "../../src/delivery/clock.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { createScheduleClock } from "../../src/delivery/schedule-clock.ts";
import { send } from "../../src/delivery/send.ts";
import type { PendingFileOptions } from "../../src/history/pending-file.ts";
import { retrySchedule } from "../../src/kinde/retry-schedule.ts";
import type { Project } from "../../src/project/directory.ts";
import { createShield, type Shield, type ShieldOptions } from "../../src/relay/shield.ts";
import { openShieldedOf } from "../history/pending-of.ts";

export interface TestShield extends Shield, AsyncDisposable {
  /** Every change that it told of. */
  readonly changes: readonly Delivery[];
  readonly failures: readonly unknown[];
  /** Resolves with the change after so many, counted from 1. */
  changed(count: number): Promise<Delivery>;
  /** Leaves what is pending to the next. */
  end(): Promise<void>;
}

export function openTestShield(
  project: Project,
  { sync, ...options }: Partial<ShieldOptions> & Pick<PendingFileOptions, "sync"> = {},
): TestShield {
  const file = openShieldedOf(project, { ...(sync !== undefined && { sync }) });
  const changes: Delivery[] = [];
  const failures: unknown[] = [];
  const waiting = new Set<() => void>();
  const shield = createShield({
    isOn: true,
    pending: file,
    left: file.claim(),
    schedule: retrySchedule,
    clock: systemClock,
    time: createScheduleClock(systemClock),
    randomBytes,
    send,
    headers: [],
    timeoutMs: 20_000,
    isInsecure: false,
    onShielded: (delivery) => {
      changes.push(delivery);
      for (const look of waiting) look();
    },
    onFailure: (error) => void failures.push(error),
    ...options,
  });
  let ending: Promise<void> | undefined;
  const end = (): Promise<void> => (ending ??= shield.close(0).then(file.close));
  return {
    ...shield,
    changes,
    failures,
    changed: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          const change = changes[count - 1];
          if (change === undefined) return;
          waiting.delete(look);
          resolve(change);
        };
        waiting.add(look);
        look();
      }),
    end,
    [Symbol.asyncDispose]: end,
  };
}
