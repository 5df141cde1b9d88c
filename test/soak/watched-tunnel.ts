/** The built `tunnel --json`, and what it says of itself while it runs. */
import { createInterface } from "node:readline";
import type { ReadyRecord, TunnelRecord } from "../../src/cli/output/records.ts";
import type { CliResult } from "../helpers/cli.ts";
import type { TestProject } from "../e2e/project.ts";

export interface WatchedTunnel extends AsyncDisposable {
  readonly pid: number;
  /** The origin. */
  readonly publicUrl: string;
  /** What became of the tunnel after `ready`, as it was said. */
  readonly changes: readonly TunnelRecord[];
  /** Resolves with the first change from an index on that fits, past or to come; rejects when the process ends. */
  change(from: number, fits: (change: TunnelRecord) => boolean): Promise<TunnelRecord>;
  signal(name: NodeJS.Signals): void;
  /** Sends a signal and resolves with the end. */
  stop(name: NodeJS.Signals): Promise<CliResult>;
}

/** Resolves when it is ready. */
export async function openWatchedTunnel(
  project: TestProject,
  args: readonly string[],
): Promise<WatchedTunnel> {
  const running = project.start(["tunnel", ...args, "--json"]);
  const { child, ended } = running;
  const changes: TunnelRecord[] = [];
  const watchers = new Set<() => void>();
  createInterface({ input: child.stdout! }).on("line", (line) => {
    if (!line.startsWith('{"record":"tunnel"')) return;
    changes.push(JSON.parse(line) as TunnelRecord);
    for (const watch of watchers) watch();
  });
  try {
    const ready = JSON.parse(await running.line(/^{"record":"ready"/)) as ReadyRecord;
    return {
      pid: child.pid!,
      publicUrl: ready.publicUrl!,
      changes,
      change: (from, fits) =>
        new Promise((resolve, reject) => {
          const watch = (): void => {
            const change = changes.slice(from).find(fits);
            if (change === undefined) return;
            watchers.delete(watch);
            resolve(change);
          };
          watchers.add(watch);
          watch();
          void ended.then(({ code, stderr }) => reject(new Error(`tunnel ended with ${code}: ${stderr}`)));
        }),
      signal: (name) => void child.kill(name),
      stop: async (name) => {
        // A process that stands still hears nothing but this.
        child.kill("SIGCONT");
        child.kill(name);
        return await ended;
      },
      [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
    };
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  }
}
