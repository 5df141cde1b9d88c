import type { RunningCli } from "./cli.ts";

/** The URL of the inspector, as `tunnel` and `mock` print it: with a ticket. */
export async function printedUrl(running: Pick<RunningCli, "line">): Promise<string> {
  return /http\S+#t=[\w-]+/.exec(await running.line(/#t=/))![0];
}
