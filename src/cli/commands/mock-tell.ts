/** What `mock` says of itself, beside what it delivers. */
import type { Delivery } from "../../delivery/delivery.ts";
import type { RunningMock } from "../../app/open-mock.ts";
import { eventTypes } from "../../kinde/event-types.ts";
import { jwksPaths } from "../../kinde/jwks.ts";
import type { RegisteredWebhook } from "../../kinde/webhook.ts";
import { formatCount } from "../output/format.ts";
import { mockReadyRecord, type MockReadiness } from "../output/mock-ready-record.ts";
import type { Reporter } from "../output/reporter.ts";
import { warnIfRemote } from "../warnings.ts";

/** What has been registered, changed, disabled, enabled or removed, a line each. */
export function tellWebhooks(
  before: readonly RegisteredWebhook[],
  after: readonly RegisteredWebhook[],
  reporter: Reporter,
): void {
  const { note } = reporter;
  for (const webhook of after) {
    if (before.includes(webhook)) continue;
    const known = before.find(({ id }) => id === webhook.id);
    if (known !== undefined && known.isDisabled !== webhook.isDisabled) tellSwitched(webhook, reporter);
    else note(`webhook ${known === undefined ? "registered" : "changed"}  ${describeWebhook(webhook)}`);
    if (known === undefined) warnIfRemote([new URL(webhook.endpoint)], reporter);
  }
  for (const { id, endpoint } of before) {
    if (!after.some((webhook) => webhook.id === id)) note(`webhook removed  ${endpoint}`);
  }
}

function tellSwitched({ id, endpoint, isDisabled }: RegisteredWebhook, { note, record }: Reporter): void {
  if (!isDisabled) {
    note(`webhook enabled  ${endpoint}`);
    return;
  }
  record({
    record: "warning",
    code: "WARN_WEBHOOK_DISABLED",
    message:
      `The webhook ${endpoint} is disabled and gets nothing more: after 72 hours of failures Kinde does so. ` +
      `POST /_devhook/api/webhooks/${id}/enable enables it, and so does a new start.`,
  });
}

/** Says what an earlier process has left to do. */
export function tellResumed(deliveries: readonly Delivery[], { note }: Reporter): void {
  if (deliveries.length === 0) return;
  const endpoints = [...new Set(deliveries.map(({ endpoint }) => endpoint))].join(", ");
  note(
    `${describeCount(deliveries.length)} pending from before, to ${endpoints}: attempted again when due (--no-resume calls off what is left).`,
  );
}

/** Says what is left to do for the next process. @param isKept whether that finds it */
export function tellPending(count: number, isKept: boolean, { note }: Reporter): void {
  if (count === 0) return;
  note(
    isKept
      ? `${describeCount(count)} still pending: the next \`kinde-devhook mock\` goes on with it.`
      : `${describeCount(count)} still pending that could not be written: the next \`kinde-devhook mock\` may not find it.`,
  );
}

function describeCount(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "delivery" : "deliveries"}`;
}

function describeWebhook(webhook: RegisteredWebhook): string {
  return `${webhook.endpoint}  ${describeTypes(webhook)}`;
}

function describeTypes({ eventTypes: wanted }: RegisteredWebhook): string {
  return wanted.length === eventTypes.length ? "every event type" : wanted.join(", ");
}

/** What there is now, and how an app gets at it. */
export function tellReady(
  mock: RunningMock,
  { realIssuer, caFile, inspector }: MockReadiness,
  reporter: Reporter,
): void {
  const jwksUrl = `${mock.issuer}${jwksPaths[0]}`;
  const { paint, print } = reporter;
  if (reporter.isJson) {
    reporter.record(mockReadyRecord(mock, { realIssuer, caFile, inspector }));
    return;
  }
  print(`${paint("green", "ready")}  the fake Kinde runs; Ctrl-C stops it`);
  print("");
  print(`  KINDE_ISSUER_URL=${mock.issuer}   ${paint("dim", "← for your app")}`);
  print(`  ${paint("dim", `JWKS ${jwksUrl}`)}`);
  print(`  ${paint("dim", `access tokens ${mock.issuer}/oauth2/token`)}`);
  if (caFile !== null) {
    print(`  ${paint("dim", `https on the same port, for Node with NODE_EXTRA_CA_CERTS=${caFile}`)}`);
  }
  if (realIssuer !== undefined) {
    print(`  ${paint("dim", `also the keys of ${realIssuer}, which gets every path that the mock has not`)}`);
  }
  for (const webhook of mock.webhooks) {
    print(`  ${paint("dim", `webhook ${describeWebhook(webhook)}`)}`);
  }
  if (inspector !== null) print(`  inspector  ${inspector}`);
  print("");
  print(
    mock.webhooks.length > 0
      ? "Emit from another terminal: npx kinde-devhook emit user.created"
      : "Emit from another terminal: npx kinde-devhook emit user.created --to http://localhost:3000/api/webhook",
  );
}
