/** `run`, from the start of the mock to the end of the command. */
import { startCommandMock, type CommandMock } from "../../app/command-mock.ts";
import type { ExtraCaFile } from "../../app/extra-ca-file.ts";
import type { CommandEnd, SpawnedCommand } from "../../app/spawn-command.ts";
import type { RunningMock } from "../../app/open-mock.ts";
import { systemClock } from "../../delivery/clock.ts";
import { defaultTimeoutMs } from "../../delivery/attempt-delivery.ts";
import { assertDistinct, endpointOf, type Forward } from "../../delivery/forward.ts";
import type { Client } from "../../issuer/routes/oauth.ts";
import { systemErrorCode } from "../../kinde/errors.ts";
import type { EventType } from "../../kinde/event-data.ts";
import { createSigningKey } from "../../kinde/signing-key.ts";
import { createSigningKeys } from "../../kinde/signing-keys.ts";
import { hideFromOthers } from "../../project/exposure.ts";
import { keysPathOf, readKeys } from "../../project/keys-file.ts";
import type { CommandExit, Context } from "../command.ts";
import { graceMs } from "../interruption.ts";
import { createDeliveryLog, type DeliveryLog } from "../output/delivery-log.ts";
import { mockReadyRecord } from "../output/mock-ready-record.ts";
import type { Reporter } from "../output/reporter.ts";
import { warnIfExposed, warnIfRemote } from "../warnings.ts";
import { emitWhileRunning, type RunEmitOptions } from "./run-emit.ts";

const extraCaVariable = "NODE_EXTRA_CA_CERTS";

/** Times in milliseconds. */
export interface RunOptions {
  readonly webhook: readonly Forward[];
  readonly emit: readonly (readonly EventType[])[];
  /** What `emit` waits for in place of the webhooks' endpoints. */
  readonly "wait-on": URL | undefined;
  readonly client: Client | undefined;
  readonly timeout: number | undefined;
  /** 0 for any that is free. */
  readonly port: number;
  readonly "json-token": boolean;
}

/**
 * Runs a command with a mock beside it.
 * @param words the command and its arguments
 */
export async function runCommand(
  words: readonly string[],
  values: RunOptions,
  context: Context,
): Promise<CommandExit> {
  const { environment, reporter, interruption } = context;
  assertDistinct(values.webhook, "--webhook");
  warnIfRemote(values.webhook.map(endpointOf), reporter);
  const { spawnCommand, writeExtraCaFile, isTypedTo } = await import("./run-parts.ts");
  const { started, log } = await startMock(values, context);
  const { mock } = started;
  const ended = new AbortController();
  let command: SpawnedCommand | undefined;
  let caFile: ExtraCaFile | undefined;
  let end: CommandEnd;
  let isAllDelivered = Promise.resolve(true);
  try {
    // Nothing has begun; main tells which signal it was.
    if (interruption.stop.aborted) return { code: 1, reason: "interrupted" };
    interruption.handOver((signal) => {
      // Whoever is in a hurry when the command has ended does not wait for what is still under way.
      if (ended.signal.aborted) void mock.reset();
      else if (command !== undefined && !isTypedTo(command.pid, signal)) command.kill(signal);
    });
    caFile = writeExtraCaFile(started.caPem, environment[extraCaVariable]);
    warnOfFormerCa(caFile, context);
    tellReady(mock, caFile, reporter);
    command = await spawnCommand(words, {
      environment: {
        ...environment,
        ...started.environment,
        [extraCaVariable]: caFile.path,
      },
      output: reporter.isJson ? "stderr" : "stdout",
    });
    isAllDelivered = emit(values, { mock, log, ended: ended.signal, reporter });
    // Whoever awaits it comes later.
    isAllDelivered.catch(() => {});
    end = await command.ended;
  } finally {
    ended.abort();
    caFile?.remove();
    await mock.close(graceMs);
  }
  return describeExit(end, await isAllDelivered, reporter);
}

async function startMock(
  values: RunOptions,
  { project, reporter }: Context,
): Promise<{ readonly started: CommandMock; readonly log: DeliveryLog }> {
  // Read, and not loaded: that would make one.
  const keysPath = keysPathOf(project);
  const known = readKeys(keysPath);
  if (known !== undefined) warnIfExposed({ exposure: hideFromOthers(keysPath) }, project, reporter);
  const log = createDeliveryLog({
    reporter,
    total: undefined,
    withToken: values["json-token"],
    hintContext: () => ({
      localIssuer: started.mock.issuer,
      hasFetchedJwks: started.mock.hasServedJwks(),
      expectedStatus: 200,
      endpointOption: "--webhook",
    }),
  });
  const started = await startCommandMock({
    // Where the project has none yet, one for this run alone: nothing of it is to be left behind.
    signingKeys: createSigningKeys(known?.signingKey ?? (await createSigningKey())),
    clock: systemClock,
    webhooks: values.webhook.map((webhook) => ({ url: endpointOf(webhook), eventTypes: webhook.eventTypes })),
    timeoutMs: values.timeout ?? defaultTimeoutMs,
    client: values.client,
    port: values.port,
    onChange: (delivery) => {
      // The command has the terminal: of what its own tests emit, people are shown what went wrong.
      if (reporter.isJson || delivery.state !== "delivered") log.onChange(delivery);
    },
  });
  return { started, log };
}

function tellReady(mock: RunningMock, caFile: ExtraCaFile, reporter: Reporter): void {
  if (reporter.isJson) reporter.record(mockReadyRecord(mock, { caFile: caFile.path, inspector: null }));
  else reporter.note(`kinde-devhook: fake Kinde at ${mock.issuer}`);
}

/** @returns `undefined` where there is no CA to trust */
/** Of a file that could not be read Node warns, and goes on without it. */
function warnOfFormerCa({ failure }: ExtraCaFile, { environment, reporter }: Context): void {
  if (failure === undefined) return;
  reporter.record({
    record: "warning",
    code: "WARN_EXTRA_CA_UNREADABLE",
    message: `${extraCaVariable} names ${environment[extraCaVariable]}, which can't be read (${systemErrorCode(failure)}): the command trusts the fake Kinde's CA alone.`,
  });
}

/** @returns whether all of `--emit` was delivered */
async function emit(
  values: RunOptions,
  options: Pick<RunEmitOptions, "mock" | "ended" | "reporter"> & { readonly log: DeliveryLog },
): Promise<boolean> {
  const eventTypes = values.emit.flat();
  if (eventTypes.length === 0) return true;
  const waitOn = values["wait-on"];
  return await emitWhileRunning({
    ...options,
    eventTypes,
    waitOn: waitOn === undefined ? values.webhook.map(endpointOf) : [waitOn],
    onDelivered: (delivery) => {
      // With --json the mock has told of every delivery, this one too.
      if (!options.reporter.isJson) options.log.onChange(delivery);
    },
  });
}

function describeExit(
  { exitCode, signal }: CommandEnd,
  isAllDelivered: boolean,
  reporter: Reporter,
): CommandExit {
  if (exitCode !== 0) return { code: exitCode, reason: signal ?? "command_failed" };
  if (isAllDelivered) return { code: 0, reason: "done" };
  reporter.note("The command ended with 0, but not all of --emit was delivered: exit code 1.");
  return { code: 1, reason: "not_delivered" };
}
