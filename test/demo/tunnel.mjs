import { cliPath, startNode } from "../helpers/processes.mjs";

/**
 * Runs the built `tunnel` until it says that a webhook sent now arrives.
 * @param {string[]} args of `kinde-devhook tunnel`
 */
export async function startTunnel({ directory, environment }, args) {
  const child = startNode([cliPath, "tunnel", "--json", ...args], { cwd: directory, env: environment });
  const ready = JSON.parse(await child.line(/"record":"ready"/));
  return {
    ready,
    /** Ctrl-C. @returns the exit code and all records */
    interrupt: async () => {
      const interruptedAt = performance.now();
      const { code, lines, errors } = await child.stop("SIGINT");
      const records = lines.map((line) => JSON.parse(line));
      return { code, errors, records, durationMs: performance.now() - interruptedAt };
    },
  };
}
