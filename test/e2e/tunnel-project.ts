/** A project with all that `tunnel` needs around it: a real localtunnel server, and a stand-in for Kinde. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ReadyRecord } from "../../src/cli/output/records.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { exportPrivateJwk } from "../../src/kinde/signing-key.ts";
import type { CliOptions, CliResult, RunningCli } from "../helpers/cli.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { foreignKey } from "../helpers/keys.ts";
import { startLocaltunnelServer, type LocaltunnelServer } from "../helpers/localtunnel-server.mjs";
import { startStandInKinde, type StandInKinde } from "../helpers/stand-in-kinde.mjs";
import { createProject, type TestProject } from "./project.ts";

export interface TunnelProject extends Omit<TestProject, typeof Symbol.dispose>, AsyncDisposable {
  readonly server: LocaltunnelServer;
  readonly kinde: StandInKinde;
  /** `tunnel --json`, once it is ready. */
  open(args?: readonly string[], options?: Partial<CliOptions>): Promise<OpenTunnel>;
  /** `tunnel` as people see it, once it is ready. */
  show(args?: readonly string[], options?: Partial<CliOptions>): Promise<ShownTunnel>;
}

export interface ShownTunnel extends RunningCli {
  /** The endpoint that it proposes for Kinde. */
  readonly url: string;
  /** Sends a signal, SIGINT without one, and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<CliResult>;
}

export interface OpenTunnel extends ShownTunnel {
  readonly ready: ReadyRecord & { readonly at: string };
}

export async function createTunnelProject(): Promise<TunnelProject> {
  const project = await createProject();
  // At ports that systems hand out by themselves, others might be by the time a test starts one anew, or has ended it.
  const server = await startLocaltunnelServer({ port: await findFreePort() });
  const kinde = await startStandInKinde({
    port: await findFreePort(),
    privateJwk: exportPrivateJwk(foreignKey),
  });
  const withHost = (options: Partial<CliOptions>): Partial<CliOptions> => ({
    ...options,
    env: { KINDE_DEVHOOK_HOST: server.url, ...options.env },
  });
  const start = (args: readonly string[], options: Partial<CliOptions> = {}): RunningCli =>
    project.start(args, withHost(options));
  return {
    ...project,
    server,
    kinde,
    run: async (args, options = {}) => await project.run(args, withHost(options)),
    start,
    open: async (args = [], options = {}) => {
      const running = start(["tunnel", ...args, "--json"], options);
      const line = await endOnFailure(running, running.line(/^{"record":"ready"/));
      const ready = JSON.parse(line) as OpenTunnel["ready"];
      return { ...stoppable(running), ready, url: `${ready.publicUrl}/api/webhook` };
    },
    show: async (args = [], options = {}) => {
      const running = start(["tunnel", ...args], options);
      const line = await endOnFailure(running, running.line(/← for Kinde/));
      return { ...stoppable(running), url: line.trim().split(" ")[0]! };
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([server.stop(), kinde.stop()]);
      project[Symbol.dispose]();
    },
  };
}

export function stoppable(running: RunningCli): Omit<ShownTunnel, "url"> {
  return {
    ...running,
    stop: async (signal = "SIGINT") => {
      running.child.kill(signal);
      return await running.ended;
    },
  };
}

/** The records of the project's history, the oldest first. */
export function readHistory({ directory }: Pick<TestProject, "directory">): Delivery[] {
  const history = join(directory, "history");
  return readdirSync(history)
    .toSorted()
    .flatMap((file) => readFileSync(join(history, file), "utf8").split("\n"))
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Delivery);
}

/** What `state.json` holds. */
export function readStateFile({ directory }: Pick<TestProject, "directory">): Record<string, unknown> {
  return JSON.parse(readFileSync(join(directory, "state.json"), "utf8")) as Record<string, unknown>;
}

async function endOnFailure<Value>(running: RunningCli, wanted: Promise<Value>): Promise<Value> {
  try {
    return await wanted;
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  }
}
