/** `mock`, from ready to Ctrl-C. */
import { once } from "node:events";
import type { RunningMock } from "../../app/open-mock.ts";
import { startMock } from "../../app/start-mock.ts";
import { systemClock } from "../../delivery/clock.ts";
import { defaultTimeoutMs } from "../../delivery/deliver.ts";
import { assertDistinct, endpointOf, type Forward } from "../../delivery/forward.ts";
import { eventTypes } from "../../kinde/event-types.ts";
import { jwksPaths } from "../../kinde/jwks.ts";
import { loadSigningKey } from "../../project/keys-file.ts";
import type { Context } from "../command.ts";
import { graceMs } from "../interruption.ts";
import { createDeliveryLog } from "../output/delivery-log.ts";
import type { Reporter } from "../output/reporter.ts";
import { openHistory } from "../project-history.ts";
import { warnIfExposed, warnIfRemote } from "../warnings.ts";

/** Times in milliseconds. */
export interface MockOptions {
  readonly webhook: readonly Forward[];
  readonly timeout: number | undefined;
  readonly "issuer-port": number;
  readonly "json-token": boolean;
}

/** @returns the exit code */
export async function runMock(
  values: MockOptions,
  { project, reporter, interruption }: Context,
): Promise<number> {
  assertDistinct(values.webhook, "--webhook");
  warnIfRemote(values.webhook.map(endpointOf), reporter);
  const key = await loadSigningKey(project, systemClock.now());
  warnIfExposed(key, project, reporter);
  const history = openHistory(project, reporter);
  const log = createDeliveryLog({
    reporter,
    total: undefined,
    withToken: values["json-token"],
    hintContext: () => ({
      localIssuer: mock.issuer,
      hasFetchedJwks: mock.hasServedJwks(),
      expectedStatus: 200,
      endpointOption: "--webhook",
    }),
  });
  const mock = await startMock({
    project,
    signingKey: key.signingKey,
    history,
    clock: systemClock,
    issuerPort: values["issuer-port"],
    webhooks: values.webhook.map((webhook) => ({ url: endpointOf(webhook), eventTypes: webhook.eventTypes })),
    timeoutMs: values.timeout ?? defaultTimeoutMs,
    onChange: (delivery) => {
      if (delivery.attempts.length > 0) history.keep(delivery);
      log.onChange(delivery);
    },
  });
  try {
    tellReady(mock, reporter);
    if (!interruption.stop.aborted) await once(interruption.stop, "abort");
  } finally {
    await mock.close(graceMs);
    await history.close();
  }
  return 0;
}

function tellReady(mock: RunningMock, reporter: Reporter): void {
  const jwksUrl = `${mock.issuer}${jwksPaths[0]}`;
  const { paint, print } = reporter;
  if (reporter.isJson) {
    reporter.record({
      record: "ready",
      publicUrl: null,
      intake: null,
      probed: false,
      issuer: null,
      localIssuer: mock.issuer,
      jwksUrl,
      forward: [],
      webhooks: mock.webhooks,
    });
    return;
  }
  print(`${paint("green", "ready")}  the fake Kinde runs; Ctrl-C stops it`);
  print("");
  print(`  KINDE_ISSUER_URL=${mock.issuer}   ${paint("dim", "← for your app")}`);
  print(`  ${paint("dim", `JWKS ${jwksUrl}`)}`);
  for (const { endpoint, eventTypes: wanted } of mock.webhooks) {
    const which = wanted.length === eventTypes.length ? "every event type" : wanted.join(", ");
    print(`  ${paint("dim", `webhook ${endpoint}  ${which}`)}`);
  }
  print("");
  print(
    mock.webhooks.length > 0
      ? "Emit from another terminal: npx kinde-devhook emit user.created"
      : "Emit from another terminal: npx kinde-devhook emit user.created --to http://localhost:3000/api/webhook",
  );
}
