/** What Kinde is to be expected to do: when it tries again, and when it disables the webhook. As far as was seen here. */
import { deliveredStatus, type Attempt, type Delivery } from "../delivery/delivery.ts";
import {
  expectAttempt,
  expectDisabling,
  firstAttemptAt,
  placeAttempt,
  type SchedulePlace,
  type SeenAttempt,
} from "../kinde/expected-attempts.ts";
import type { PutOff } from "./relay.ts";

/** Of one delivery, after an attempt. ISO 8601 UTC, all of it about. */
export interface Expected {
  /** `null` when no attempt is left, by our reading of the schedule. */
  readonly nextAttemptAt: string | null;
  /** From when on a failed attempt disables the webhook; `null` when nothing has failed since the last success. */
  readonly disabledAt: string | null;
}

/** Of the webhook as a whole. Epoch milliseconds, all of it about. */
export interface Failing {
  /** Whether anything of Kinde's ever came here. */
  readonly isCalled: boolean;
  /** How many events Kinde tries again. */
  readonly count: number;
  readonly nextAttemptAt: number | undefined;
  /** The first failure after the last success. */
  readonly since: number | undefined;
}

export interface KindeOutlook {
  /** Notes how an attempt ended that its sender hears of. */
  note(delivery: Delivery, attempt: Attempt): void;
  /** Notes that a webhook was answered 200, whatever the app makes of it. */
  took(webhook: Pick<Delivery, "webhookId" | "verification">): void;
  /** Notes that a webhook was answered 503 and not attempted. */
  putOff(webhook: PutOff): void;
  /** After an attempt that was not answered 200; `undefined` where the sender is not Kinde, or does not try again. */
  expect(delivery: Delivery): Expected | undefined;
  /** Takes up deliveries of an earlier run. */
  restore(deliveries: readonly Delivery[]): void;
  failing(): Failing;
}

export interface KindeOutlookOptions {
  /** Whose signature says that the sender is Kinde. */
  readonly realIssuer: string | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

// As many as are recognised when they are tried again.
const capacity = 2_000;

export function createKindeOutlook({ realIssuer, now }: KindeOutlookOptions): KindeOutlook {
  /** By webhook-id, of those that were not delivered. */
  const places = new Map<string, SchedulePlace>();
  let isCalled = false;
  let succeededAt = -Infinity;
  let failingSince: number | undefined;

  const isKindes = ({ verification }: Pick<Delivery, "verification">): boolean =>
    verification.status === "verified" && verification.issuer === realIssuer;

  const noteFailure = (delivery: Delivery, attempt: Attempt): void => {
    noteFailed(timesOf(attempt), delivery.attempts[0] === attempt ? eventTime(delivery) : undefined);
  };
  /** @param eventAt of the first attempt that was seen */
  const noteFailed = ({ startedAt, endedAt }: SeenAttempt, eventAt: number | undefined): void => {
    // Those before the first that was seen have failed as well, at the tunnel that was not there.
    const firstAt = firstAttemptAt(startedAt, eventAt);
    const since = firstAt < startedAt && firstAt > succeededAt ? firstAt : endedAt;
    if (since > succeededAt) failingSince = Math.min(failingSince ?? Infinity, since);
  };

  const notePlace = (delivery: Delivery): void => {
    const isTriedAgain = delivery.state === "pending" && !isPerhapsDelivered(delivery);
    keepPlace(delivery.webhookId, isTriedAgain ? placeOf(delivery) : undefined);
  };
  const keepPlace = (webhookId: string | null, place: SchedulePlace | undefined): void => {
    if (webhookId === null) return;
    places.delete(webhookId);
    if (place === undefined) return;
    places.set(webhookId, place);
    if (places.size <= capacity) return;
    const [oldest] = places.keys();
    if (oldest !== undefined) places.delete(oldest);
  };

  const noteSuccess = (at: number): void => {
    succeededAt = Math.max(succeededAt, at);
    if (failingSince !== undefined && failingSince <= succeededAt) failingSince = undefined;
  };

  return {
    note: (delivery, attempt) => {
      if (!isKindes(delivery)) return;
      isCalled = true;
      if (attempt.status === deliveredStatus) noteSuccess(timesOf(attempt).endedAt);
      else if (isFailure(attempt)) noteFailure(delivery, attempt);
      notePlace(delivery);
    },
    took: (webhook) => {
      if (!isKindes(webhook)) return;
      isCalled = true;
      noteSuccess(now());
      if (webhook.webhookId !== null) places.delete(webhook.webhookId);
    },
    putOff: (webhook) => {
      if (!isKindes(webhook)) return;
      isCalled = true;
      const seen = { startedAt: now(), endedAt: now() };
      const { webhookId } = webhook;
      const before = webhookId === null ? undefined : places.get(webhookId);
      const eventAt = before === undefined ? eventTime(webhook) : undefined;
      noteFailed(seen, eventAt);
      keepPlace(webhookId, placeAttempt(seen, before, eventAt));
    },
    expect: (delivery) => {
      if (!isKindes(delivery) || delivery.state !== "pending") return undefined;
      const place = placeOf(delivery);
      const next = place === undefined ? undefined : expectAttempt(place, now());
      return {
        nextAttemptAt: toIso(next),
        disabledAt: toIso(failingSince === undefined ? undefined : expectDisabling(failingSince)),
      };
    },
    restore: (deliveries) => {
      const kindes = deliveries.filter(
        (delivery) => delivery.direction === "relayed" && delivery.isCopy !== true && isKindes(delivery),
      );
      if (kindes.length > 0) isCalled = true;
      // What the app made of those, Kinde has not heard.
      for (const { createdAt } of kindes.filter(isTaken)) noteSuccess(Date.parse(createdAt));
      const heard = kindes.filter((delivery) => !isTaken(delivery));
      const attempts = heard.flatMap((delivery) =>
        delivery.attempts.map((attempt) => ({ delivery, attempt })),
      );
      for (const { attempt } of attempts) {
        if (attempt.status === deliveredStatus) noteSuccess(timesOf(attempt).endedAt);
      }
      for (const { delivery, attempt } of attempts) if (isFailure(attempt)) noteFailure(delivery, attempt);
      for (const delivery of heard) notePlace(delivery);
    },
    failing: () => {
      const due = [...places.values()].flatMap((place) => expectAttempt(place, now()) ?? []);
      return {
        isCalled,
        count: due.length,
        nextAttemptAt: due.length === 0 ? undefined : due.reduce((one, other) => Math.min(one, other)),
        since: failingSince,
      };
    },
  };
}

function isTaken({ isShielded }: Delivery): boolean {
  return isShielded === true;
}

/** Where Kinde stands with a delivery, after all of its attempts; `undefined` before the first. */
function placeOf(delivery: Delivery): SchedulePlace | undefined {
  let place: SchedulePlace | undefined;
  for (const attempt of delivery.attempts) place = placeAttempt(timesOf(attempt), place, eventTime(delivery));
  return place;
}

function timesOf({ startedAt, durationMs }: Attempt): { startedAt: number; endedAt: number } {
  const start = Date.parse(startedAt);
  return { startedAt: start, endedAt: start + durationMs };
}

function eventTime({ event }: Pick<Delivery, "event"> | PutOff): number | undefined {
  return event === null ? undefined : Date.parse(event.timestamp);
}

/** What Kinde makes of a 2xx that is not 200 is not known: neither a failure nor a success. */
function isFailure({ status }: Attempt): boolean {
  return status === null || status < 200 || status >= 300;
}

function isPerhapsDelivered({ attempts }: Delivery): boolean {
  const latest = attempts.at(-1);
  return latest !== undefined && !isFailure(latest);
}

function toIso(time: number | undefined): string | null {
  return time === undefined ? null : new Date(Math.round(time)).toISOString();
}
