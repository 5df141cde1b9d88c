/** Where `emit` delivers to, and why: the first that is found wins. */
import type { Project } from "../project/directory.ts";
import { listRunFiles, type RunRecord } from "../project/run-file.ts";
import { findEndpoints, type EndpointOptions, type Endpoints } from "./endpoints.ts";
import { findPortHolder } from "./port-holder.ts";

export type Destination =
  | { readonly kind: "mock"; readonly run: RunRecord; readonly why: string }
  | Endpoints;

/** The destination of what is delivered now. */
export async function findDestination(
  options: EndpointOptions & { readonly issuerPort: number },
): Promise<Destination> {
  if (options.to.length === 0) {
    // Of several mocks the one on the issuer's own port is meant.
    const runs = listRunFiles(options.project).toSorted(
      (a, b) => Number(b.port === options.issuerPort) - Number(a.port === options.issuerPort),
    );
    for (const run of runs) {
      if (run.webhooks.length > 0 && (await isRunning(run, options.project))) {
        return { kind: "mock", run, why: `the running mock, pid ${run.pid}` };
      }
    }
  }
  return findEndpoints(options);
}

/** A run file may be left over from a process that was killed, and its pid be another's by now. */
async function isRunning({ port, pid }: RunRecord, project: Project): Promise<boolean> {
  const holder = await findPortHolder(port, project);
  return holder?.kind === "this-project" && holder.pid === pid;
}
