/** `replay`: finds what is meant, sends it again, one after the other, and shows what comes of it. */
import { randomBytes } from "node:crypto";
import { blendKeys } from "../../app/blend-keys.ts";
import { createTally } from "../../app/delivery-tally.ts";
import { leaseIssuer, type IssuerLease } from "../../app/issuer-lease.ts";
import { replayDelivery } from "../../app/replay-delivery.ts";
import { systemClock } from "../../delivery/clock.ts";
import { deliveredStatus, isToBeKept, type Delivery } from "../../delivery/delivery.ts";
import { signerOf } from "../../delivery/hints.ts";
import type { ReplayEdits } from "../../delivery/replay.ts";
import type { DeliveryFilter } from "../../history/delivery-filter.ts";
import { findDelivery } from "../../history/find-delivery.ts";
import { findForReplay } from "../../history/find-for-replay.ts";
import { eventTypesOf, warnOfUnknownTypes } from "../../history/unknown-types.ts";
import { isUserError, type DevhookError } from "../../kinde/errors.ts";
import type { SigningKeys } from "../../kinde/signing-keys.ts";
import type { BlendedJwks } from "../../trust/blended-jwks.ts";
import type { Context } from "../command.ts";
import { createDeliveryLog } from "../output/delivery-log.ts";
import { formatCount } from "../output/format.ts";
import { createReplayRecord } from "../output/replay-record.ts";
import { noteAfter, noteWhileStopping } from "../patience.ts";
import { openHistory, type KeptHistory } from "../project-history.ts";
import { openKeys } from "../project-keys.ts";
import { standInAdvice, warnIfRemote, warnOfJwks } from "../warnings.ts";
import { assertNotInsideRun } from "./inside-run.ts";

/** What `replay` was asked for, read and checked. */
export interface ReplayInput {
  /** Ids, or `last`; none when the filter says what is meant. */
  readonly ids: readonly string[];
  readonly filter: DeliveryFilter;
  readonly limit: number;
  readonly edits: ReplayEdits;
  /** The status that counts as delivered. Default 200. */
  readonly expectedStatus: number | undefined;
  readonly timeoutMs: number | undefined;
  /** Takes any certificate of an app on https. */
  readonly isInsecure: boolean;
  readonly issuerPort: number;
  /** Whose keys are served beside ours; `null` when none is named anywhere. */
  readonly realIssuer: string | null;
  readonly withToken: boolean;
  readonly context: Context;
}

const patienceMs = 2_000;

/** @returns the exit code: 0 when everything was delivered, 1 otherwise */
export async function runReplay(input: ReplayInput): Promise<number> {
  const { project, reporter, interruption } = input.context;
  assertNotInsideRun(input.context);
  const history = openHistory(project, reporter);
  const ended = new AbortController();
  try {
    const recorded = await findRecorded(history, input);
    if (recorded.length === 0) return 0;
    const signingKeys = await openKeys(project, reporter);
    const blended = blendKeys({
      signingKeys,
      realIssuer: input.realIssuer ?? undefined,
      issuerPort: input.issuerPort,
      clock: systemClock,
      signal: ended.signal,
      onFailure: (error) =>
        warnOfJwks(
          error,
          standInAdvice(input.realIssuer, input.issuerPort) ??
            "The app still gets the key that verifies what is signed here.",
          reporter,
        ),
    });
    const lease = await leaseIssuer(
      { project, signingKeys, history, blended, port: input.issuerPort, command: "replay" },
      systemClock,
    );
    try {
      const endpoints = new Set(recorded.map(({ endpoint }) => input.edits.to ?? endpoint));
      const urls = [...endpoints].filter((endpoint) => URL.canParse(endpoint));
      warnIfRemote(
        urls.map((url) => new URL(url)),
        reporter,
      );
      noteWhileStopping(
        "Stopping: what is under way has up to 2 s. Ctrl-C again ends at once.",
        reporter,
        interruption.stop,
        ended.signal,
      );
      const right = await sendAll(recorded, input, { history, signingKeys, blended, lease });
      return right === recorded.length ? 0 : 1;
    } finally {
      ended.abort();
      await lease.close();
    }
  } finally {
    await history.close();
  }
}

/** The oldest first. */
async function findRecorded(history: KeptHistory, input: ReplayInput): Promise<readonly Delivery[]> {
  const { ids, filter, limit, context } = input;
  const { reporter } = context;
  if (ids.length > 0) {
    const named: Delivery[] = [];
    for (const id of ids) named.push(await findDelivery(history, id));
    return named.toSorted((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
  }
  const { deliveries, hasMore } = await findForReplay(history, filter, limit, input.edits.to);
  const latest = hasMore ? limit : undefined;
  for (const warning of warnOfUnknownTypes(filter.types, eventTypesOf(deliveries), latest)) {
    reporter.record({ record: "warning", ...warning });
  }
  if (hasMore) reporter.note(`The latest ${formatCount(limit)}; --limit takes more.`);
  if (deliveries.length === 0) reporter.note(`There is nothing to replay: ${describeNone(filter)}`);
  return deliveries;
}

function describeNone({ state }: DeliveryFilter): string {
  if (state === undefined || state === "delivered") {
    return "the history has no such delivery. `npx kinde-devhook history list` shows what there is.";
  }
  const none =
    "the history has no such delivery, or each was delivered since (an id sends it again all the same).";
  return state === "failed" ? `${none} What Kinde still tries again is --state pending.` : none;
}

interface Means {
  readonly history: KeptHistory;
  readonly signingKeys: SigningKeys;
  readonly blended: BlendedJwks;
  readonly lease: IssuerLease;
}

/** @returns how many were answered as they should be */
async function sendAll(
  recorded: readonly Delivery[],
  input: ReplayInput,
  { history, signingKeys, blended, lease }: Means,
): Promise<number> {
  const { edits, expectedStatus, context } = input;
  const { reporter, interruption, settings } = context;
  const { isSameId = false } = edits;
  const isOwnKey = (kid: string): boolean => signingKeys.jwks().keys.some((key) => key.kid === kid);
  const total = recorded.length;
  const log = createDeliveryLog({
    reporter,
    total,
    withToken: input.withToken,
    hintContext: (delivery) => ({
      localIssuer: lease.url,
      hasFetchedJwks: lease.hasServedJwks(),
      expectedStatus: expectedStatus ?? deliveredStatus,
      endpointOption: "--to",
      appIssuer: settings.variable("KINDE_ISSUER_URL"),
      signer: signerOf(delivery, lease.url),
      isOnce: true,
    }),
  });
  const warned = new Set<string>();
  const tally = createTally();
  let right = 0;
  let begun = 0;
  const startedAt = systemClock.now();
  for (const each of recorded) {
    if (interruption.stop.aborted) break;
    begun++;
    const answered = new AbortController();
    void noteAfter(patienceMs, "Waiting for the answer …", reporter, answered.signal);
    try {
      const { delivery } = await lease.use(() =>
        replayDelivery(each, edits, {
          signingKeys,
          keys: blended,
          issuer: lease.url,
          clock: systemClock,
          randomBytes,
          timeoutMs: input.timeoutMs,
          isInsecure: input.isInsecure,
          expectedStatus,
          signal: interruption.abort,
          onChange: (replayed, changes) => {
            if (isToBeKept(replayed)) history.keep(replayed);
            else reporter.record(createReplayRecord(each, replayed, { changes, isSameId, isOwnKey }));
            log.onChange(replayed);
          },
          onWarning: ({ code, message }) => {
            // Of many the same is said once.
            if (!warned.has(message)) reporter.record({ record: "warning", code, message });
            warned.add(message);
          },
        }),
      );
      tally.add(delivery);
      // Of what is damaged the right answer counts, which may be a refusal.
      const { state, verdict = state === "delivered" ? "pass" : "fail" } = delivery;
      if (verdict === "pass") right++;
    } catch (error) {
      if (!isUserError(error) || total === 1 || isAboutEdits(error)) throw error;
      // One that can't be sent keeps no other back.
      const message = `${error.message} (${error.code})`;
      reporter.record({ record: "warning", code: "WARN_NOT_REPLAYED", message });
    } finally {
      answered.abort();
    }
  }
  log.end();
  const summary = tally.summarize(systemClock.now() - startedAt);
  if (reporter.isJson || total > 1) reporter.record({ record: "summary", ...summary });
  const unsent = begun - summary.total;
  const ofAll = `of ${formatCount(total)}`;
  if (unsent > 0) reporter.note(`${formatCount(unsent)} ${ofAll} could not be sent: see the warnings above.`);
  if (begun < total) reporter.note(`Interrupted after ${formatCount(begun)} ${ofAll} deliveries.`);
  return right;
}

/** What is wrong with the command line is wrong for all. */
function isAboutEdits({ code }: DevhookError): boolean {
  return ["ERR_INVALID_OPTION", "ERR_INVALID_PATH", "ERR_NOT_AN_EVENT"].includes(code);
}
