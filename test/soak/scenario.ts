/** Something that goes wrong, and what must come of it. */
import type { TunnelRecord } from "../../src/cli/output/records.ts";

export interface Scenario {
  /** What happens, in Markdown: the first column of the README's table. */
  readonly happens: string;
  /** What you see of it, in Markdown. */
  readonly youSee: string;
  readonly bounds: Bounds;
  /** In `npm test`; none when nothing can be seen of it in a few seconds. */
  readonly short?: Size;
  /** In `npm run test:soak`. */
  readonly long: Size;
  /** For the long form. */
  readonly limitMs: number;
  /** Its long form mostly waits: it runs beside others of its kind. */
  readonly isPatient?: true;
  run(size: Size): Promise<Facts>;
}

export interface Size {
  /** How often it goes wrong. */
  readonly times: number;
  /** How many webhooks are sent in all. */
  readonly webhooks: number;
  /** How long it goes wrong each time, where that is ours to choose. */
  readonly lastsMs?: number;
}

/** What must come of it, besides that no webhook is lost, none is altered, and the URL stays the same. */
export interface Bounds {
  /** From the moment at which nothing was wrong any more to the first request that got through. */
  readonly backWithinMs?: number;
  /** From the moment at which it went wrong to the line that says so. */
  readonly noticedWithinMs?: number;
  /** How often senders had to send again. */
  readonly retries?: 0;
  /** What is said of the tunnel: these states at least; of an empty list, nothing at all. */
  readonly says?: readonly TunnelRecord["state"][];
  /** What senders were answered besides 200: these statuses and no other. */
  readonly answers?: readonly number[];
  /** The app may get an attempt more than once: its sender was answered before. */
  readonly isAtLeastOnce?: true;
}

/** What came of it. Times in milliseconds. */
export interface Facts {
  readonly sent: number;
  /** The sender was answered 200, and the app has it to the byte. */
  readonly delivered: number;
  /** Not delivered when the sender gave up. */
  readonly lost: number;
  /** Webhooks of which the app got something else than was sent. */
  readonly altered: number;
  /** Attempts of senders beyond the first of each webhook. */
  readonly retries: number;
  /** Webhooks that the app answered 200 more than once. */
  readonly duplicates: number;
  /** Attempts that reached the app more than once: there may be none. */
  readonly doubled: number;
  /** Attempts that reached the app when their sender had given them up. */
  readonly late: number;
  /** The statuses other than 200 that senders were answered. */
  readonly answers: readonly number[];
  readonly isSameUrl: boolean;
  /** What was said of the tunnel. */
  readonly said: readonly TunnelRecord["state"][];
  readonly noticedAfterMs: readonly number[];
  readonly backAfterMs: readonly number[];
}

/** The webhooks of each time, as even as can be. */
export function rounds({ times, webhooks }: Size): number[] {
  return Array.from(
    { length: times },
    (_, index) => Math.floor(((index + 1) * webhooks) / times) - Math.floor((index * webhooks) / times),
  );
}
