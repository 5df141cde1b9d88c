import { expect, test } from "vitest";
import { findEndpoints, type Endpoints } from "../../src/app/endpoints.ts";
import { parseForward } from "../../src/delivery/forward.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { updateState, type State } from "../../src/project/state-file.ts";
import { createTemporaryProject } from "../project/temporary-project.ts";

interface Known {
  readonly to?: readonly string[];
  readonly forward?: readonly string[];
  readonly state?: State;
}

const everything: Known = {
  to: ["5001"],
  forward: ["5002"],
  state: { forward: ["5003"], lastEndpoint: "http://localhost:5004/last" },
};

test.each<[string, Known, string, string]>([
  ["--to", everything, "http://localhost:5001/api/webhook", "--to"],
  ["the forward setting", { ...everything, to: [] }, "http://localhost:5002/api/webhook", "forward setting"],
  [
    "the forward setting, as a URL without a path",
    { forward: ["http://localhost:5002"] },
    "http://localhost:5002/api/webhook",
    "forward setting",
  ],
  ["what the tunnel remembers", { state: everything.state! }, "http://localhost:5003/api/webhook", "tunnel"],
  [
    "the last to answer 200",
    { state: { ...everything.state, forward: [] } },
    "http://localhost:5004/last",
    "last to answer 200",
  ],
  ["nothing", {}, "http://localhost:3000/api/webhook", "default"],
])("an endpoint is known from %s, and that is told", (_, known, url, why) => {
  const found = find(known);
  expect(found).toEqual({
    kind: "endpoints",
    endpoints: [{ url: new URL(url), eventTypes }],
    why: expect.stringContaining(why) as string,
  });
});

test("endpoints may be several, each with its event types", () => {
  expect(find({ to: ["user.created=3000/users", "https://example.com"] }).endpoints).toEqual([
    { url: new URL("http://localhost:3000/users"), eventTypes: ["user.created"] },
    { url: new URL("https://example.com"), eventTypes },
  ]);
});

test.each<State>([{ forward: ["no address"] }, { lastEndpoint: "no address" }])(
  "what is remembered as %j is as good as forgotten",
  (state) => {
    expect(find({ state }).why).toBe("the default");
  },
);

function find({ to = [], forward = [], state }: Known): Endpoints {
  using project = createTemporaryProject();
  if (state !== undefined) updateState(project, state);
  return findEndpoints({
    project,
    to: to.map((text) => parseForward(text, "--to")),
    forward: forward.map((text) => parseForward(text, "forward")),
  });
}
