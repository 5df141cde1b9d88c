/** Where `emit` delivers to, and why: the first that is found wins. */
import { listRunFiles, type RunRecord } from "../project/run-file.ts";
import { findEndpoints, type EndpointOptions, type Endpoints } from "./endpoints.ts";
import { isServing } from "./port-holder.ts";

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
      if (run.webhooks.length > 0 && (await isServing(run, options.project))) {
        return { kind: "mock", run, why: `the running mock, pid ${run.pid}` };
      }
    }
  }
  return findEndpoints(options);
}
