/** Where `emit` delivers to, and why: the first that is found wins. */
import { endpointOf, parseForward, type Forward } from "../delivery/forward.ts";
import type { EventType } from "../kinde/event-data.ts";
import type { Project } from "../project/directory.ts";
import { listRunFiles, type RunRecord } from "../project/run-file.ts";
import { readState } from "../project/state-file.ts";
import { findPortHolder } from "./port-holder.ts";

export type Destination =
  | { readonly kind: "mock"; readonly run: RunRecord; readonly why: string }
  | { readonly kind: "endpoints"; readonly endpoints: readonly Endpoint[]; readonly why: string };

export interface Endpoint {
  readonly url: URL;
  readonly eventTypes: readonly EventType[];
}

export interface DestinationOptions {
  readonly project: Project;
  /** `--to`. */
  readonly to: readonly Forward[];
  /** The `forward` setting of the environment or the configuration. */
  readonly forward: readonly Forward[];
}

type Endpoints = Extract<Destination, { kind: "endpoints" }>;

const defaultForward = "/api/webhook";

/**
 * The destination of what is delivered now.
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` when what the tunnel remembers can't be read
 */
export async function findDestination(options: DestinationOptions): Promise<Destination> {
  if (options.to.length === 0) {
    for (const run of listRunFiles(options.project)) {
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

/**
 * The endpoints without a running mock; nothing outside the project's files is asked.
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` when what the tunnel remembers can't be read
 */
export function findEndpoints({ project, to, forward }: DestinationOptions): Endpoints {
  if (to.length > 0) return endpointsOf(to, "--to");
  if (forward.length > 0) return endpointsOf(forward, "the forward setting");
  const state = readState(project);
  if (state.forward !== undefined && state.forward.length > 0) {
    const remembered = state.forward.map((text) =>
      parseForward(text, "the remembered forward (.kinde-devhook/state.json)"),
    );
    return endpointsOf(remembered, "where the tunnel forwards to");
  }
  if (state.lastEndpoint !== undefined) {
    const last = parseForward(state.lastEndpoint, "the last endpoint (.kinde-devhook/state.json)");
    return endpointsOf([last], "the last to answer 200");
  }
  return endpointsOf([parseForward(defaultForward, "the default")], "the default");
}

function endpointsOf(forwards: readonly Forward[], why: string): Endpoints {
  return {
    kind: "endpoints",
    endpoints: forwards.map((forward) => ({ url: endpointOf(forward), eventTypes: forward.eventTypes })),
    why,
  };
}
