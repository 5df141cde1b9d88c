/** The endpoints that the project's files and the command line name. */
import { endpointOf, forwardedEndpointOf, parseForward, type Forward } from "../delivery/forward.ts";
import type { EventType } from "../kinde/event-data.ts";
import type { Project } from "../project/directory.ts";
import { readState } from "../project/state-file.ts";

/** Where events go and why. */
export interface Endpoints {
  readonly kind: "endpoints";
  readonly endpoints: readonly Endpoint[];
  readonly why: string;
}

export interface Endpoint {
  readonly url: URL;
  readonly eventTypes: readonly EventType[];
}

export interface EndpointOptions {
  readonly project: Project;
  /** `--to`. */
  readonly to: readonly Forward[];
  /** The `forward` setting of the environment or the configuration. */
  readonly forward: readonly Forward[];
}

const defaultForward = "/api/webhook";

/** The endpoints without a running mock; nothing outside the project's files is asked. */
export function findEndpoints({ project, to, forward }: EndpointOptions): Endpoints {
  if (to.length > 0) return endpointsOf(to, "--to");
  if (forward.length > 0) return endpointsOf(forward, "the forward setting", forwardedEndpointOf);
  const state = readState(project);
  const remembered = parseRemembered(state.forward ?? []);
  if (remembered.length > 0) {
    return endpointsOf(remembered, "where the tunnel forwards to", forwardedEndpointOf);
  }
  const last = parseRemembered(state.lastEndpoint === undefined ? [] : [state.lastEndpoint]);
  if (last.length > 0) return endpointsOf(last, "the last to answer 200");
  return endpointsOf([parseForward(defaultForward, "the default")], "the default");
}

/** What can't be read any more is as good as forgotten. */
function parseRemembered(texts: readonly string[]): Forward[] {
  return texts.flatMap((text) => {
    try {
      return [parseForward(text, "state.json")];
    } catch {
      return [];
    }
  });
}

function endpointsOf(
  forwards: readonly Forward[],
  why: string,
  urlOf: (forward: Forward) => URL = endpointOf,
): Endpoints {
  return {
    kind: "endpoints",
    endpoints: forwards.map((forward) => ({ url: urlOf(forward), eventTypes: forward.eventTypes })),
    why,
  };
}
