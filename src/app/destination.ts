/** Where `emit` delivers to, and why: the first that is found wins. */
import { listRunFiles, type RunRecord } from "../project/run-file.ts";
import { findEndpoints, type EndpointOptions, type Endpoints } from "./endpoints.ts";
import { isServing } from "./port-holder.ts";

export type Destination =
  | { readonly kind: "mock"; readonly run: RunRecord; readonly why: string }
  | (Endpoints & {
      /** The mock that signs and delivers, in place of this process. */
      readonly through?: RunRecord;
    });

export interface DestinationOptions extends EndpointOptions {
  readonly issuerPort: number;
  /** The mock of the `run` that this process is a part of: what it signs, and nothing else, its app can verify. */
  readonly surroundingMock?: RunRecord | undefined;
}

/** The destination of what is delivered now. */
export async function findDestination(options: DestinationOptions): Promise<Destination> {
  const { surroundingMock } = options;
  if (surroundingMock !== undefined) {
    return options.to.length === 0 && surroundingMock.webhooks.length > 0
      ? { kind: "mock", run: surroundingMock, why: "the mock of KINDE_DEVHOOK_URL" }
      : { ...findEndpoints(options), through: surroundingMock };
  }
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
