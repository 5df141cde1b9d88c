/** `--shield`: what it takes, and what `tunnel` says of webhooks that it has taken over from Kinde. */
import type { ShieldListener } from "../../app/open-shield.ts";
import { isToBeKept } from "../../delivery/delivery.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import { retrySchedule, type RetrySchedule } from "../../kinde/retry-schedule.ts";
import { formatCount } from "../output/format.ts";
import type { Reporter } from "../output/reporter.ts";
import type { KeptHistory } from "../project-history.ts";
import { createTunnelLog, type Telling } from "./tunnel-log.ts";
import type { TunnelOptions } from "./tunnel-options.ts";

/**
 * Whether webhooks are taken over, and when the app gets them again.
 * @param given the options that the command line itself gives
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function readShield(
  values: TunnelOptions,
  given: ReadonlySet<string>,
): { readonly isOn: boolean; readonly schedule: RetrySchedule } {
  const isOn = values.shield;
  if (isOn && values["no-history"]) {
    throw new InvalidOptionError(
      "--shield",
      "it without --no-history",
      "both",
      "Kinde is answered 200 for what is kept on disk, so something has to be kept.",
    );
  }
  if (isOn && values.redact) {
    throw new InvalidOptionError(
      "--shield",
      "it without --redact",
      "both",
      "What Kinde was answered 200 for is kept on disk as it came, until your app takes it.",
    );
  }
  if (!isOn && given.has("retry-schedule")) {
    throw new InvalidOptionError(
      "--retry-schedule",
      "--shield beside it",
      "no --shield",
      "Without a shield it is Kinde that tries again, on its own schedule.",
    );
  }
  return { isOn, schedule: values["retry-schedule"] ?? retrySchedule };
}

/** Tells each attempt with when the next is, and keeps it. */
export function createShieldListener(
  reporter: Reporter,
  history: KeptHistory,
  telling: Telling,
): Pick<ShieldListener, "onShielded" | "onResume"> {
  const log = createTunnelLog(reporter, telling, { isShielded: true });
  return {
    onShielded: (delivery) => {
      if (isToBeKept(delivery)) history.keep(delivery);
      log.onChange(delivery);
    },
    onResume: (deliveries) => {
      log.resume(deliveries);
      const count = deliveries.length;
      const [webhooks, them] = count === 1 ? ["webhook", "it is"] : ["webhooks", "they are"];
      // Not where --forward leads now: an app that has moved is not found there.
      const endpoints = [...new Set(deliveries.map(({ endpoint }) => endpoint))].join(", ");
      reporter.note(
        `Going on with ${formatCount(count)} ${webhooks} that Kinde was answered 200 for: ${them} still to be delivered, to ${endpoints}.`,
      );
    },
  };
}

/** Says what waits for the next tunnel. @param isKept whether that finds it */
export function tellShielded(count: number, isKept: boolean, { note }: Reporter): void {
  if (count === 0) return;
  const what = count === 1 ? "1 webhook waits for its" : `${formatCount(count)} webhooks wait for their`;
  const them = count === 1 ? "it" : "them";
  note(
    isKept
      ? `${what} next attempt: the next \`kinde-devhook tunnel\` of this project goes on with ${them}.`
      : `${what} next attempt, and could not be written: the next \`kinde-devhook tunnel\` may not find ${them}.`,
  );
}
