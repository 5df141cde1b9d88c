/** A project for the built command line: a directory, a port of its own for the issuer, and a key that is there already. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import type { DeliveryRecord, OutputRecord } from "../../src/cli/output/records.ts";
import { exportPrivateJwk } from "../../src/kinde/signing-key.ts";
import type { RunRecord } from "../../src/project/run-file.ts";
import { runCli, startCli, type CliOptions, type CliResult, type RunningCli } from "../helpers/cli.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { signingKey } from "../helpers/keys.ts";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";

export interface TestProject extends Disposable {
  readonly path: string;
  /** Its `.kinde-devhook`. */
  readonly directory: string;
  readonly issuerPort: number;
  /** `http://localhost:<issuerPort>`. */
  readonly issuer: string;
  /** Runs a command in the project, with its own port for the issuer. It may not show a stack. */
  run(args: readonly string[], options?: Partial<CliOptions>): Promise<CliResult>;
  /** The same for a command that goes on until it is stopped. */
  start(args: readonly string[], options?: Partial<CliOptions>): RunningCli;
  write(name: string, content: string): void;
  /** What `run/<port>.json` says, if it is there. */
  readRunFile(): RunRecord | undefined;
}

/** @param hasKey whether it has a key already: making one takes 0.1 s and more */
export async function createProject({
  hasKey = true,
}: { readonly hasKey?: boolean } = {}): Promise<TestProject> {
  const temporary = createTemporaryDirectory();
  const { path } = temporary;
  const directory = join(path, ".kinde-devhook");
  const issuerPort = await findFreePort();
  const withOwnPort = (options: Partial<CliOptions>): CliOptions => ({
    cwd: path,
    ...options,
    env: { KINDE_DEVHOOK_ISSUER_PORT: String(issuerPort), ...options.env },
  });
  const project: TestProject = {
    path,
    directory,
    issuerPort,
    issuer: `http://localhost:${issuerPort}`,
    run: async (args, options = {}) => withoutStack(await runCli(args, withOwnPort(options))),
    start: (args, options = {}) => {
      const running = startCli(args, withOwnPort(options));
      return { ...running, ended: running.ended.then(withoutStack) };
    },
    write: (name, content) => {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), content, { mode: 0o600 });
    },
    readRunFile: () => {
      try {
        return JSON.parse(readFileSync(join(directory, "run", `${issuerPort}.json`), "utf8")) as RunRecord;
      } catch {
        return undefined;
      }
    },
    [Symbol.dispose]: () => temporary[Symbol.dispose](),
  };
  if (hasKey) project.write(".kinde-devhook/keys.json", keysFile());
  return project;
}

/** The content of a `keys.json` with the key that tests share. */
export function keysFile(): string {
  const record = {
    kid: signingKey.kid,
    createdAt: new Date().toISOString(),
    privateKey: exportPrivateJwk(signingKey),
  };
  return JSON.stringify({ version: 1, keys: [record] });
}

/** A user's mistake, an app's fault or a signal is told in a line, never by a stack. */
function withoutStack(result: CliResult): CliResult {
  expect(result.stderr).not.toMatch(/^\s+at /m);
  expect(result.stderr).not.toContain("bug in kinde-devhook");
  return result;
}

/** stderr without what is said of an end that takes more than a moment, as it may on a busy machine. */
export function errorsOf({ stderr }: Pick<CliResult, "stderr">): string {
  return stderr.replace(/^Stopping: .*\n/gm, "");
}

/** The records of one kind, in order. */
export function recordsOf<Name extends OutputRecord["record"]>(
  { records }: Pick<CliResult, "records">,
  name: Name,
): (Extract<OutputRecord, { record: Name }> & { at: string })[] {
  return records.filter(({ record }) => record === name) as unknown as (Extract<
    OutputRecord,
    { record: Name }
  > & { at: string })[];
}

/** The one delivery of a run with `--json`. */
export function onlyDelivery(result: Pick<CliResult, "records">): DeliveryRecord {
  const deliveries = recordsOf(result, "delivery");
  expect(deliveries).toHaveLength(1);
  return deliveries[0]!;
}
