/** What is really sent: the built command line, and an app that notes what arrives. */
import { expect } from "vitest";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { createProject } from "../e2e/project.ts";
import { startReceiver, type Answer, type ReceivedRequest } from "../helpers/receiver.ts";
import type { CliResult } from "../helpers/cli.ts";
import { decodePart } from "../kinde/craft-token.ts";

/** What `emit '*'` sent, as it arrived. */
export interface Evidence {
  readonly requests: readonly ReceivedRequest[];
  /** The JSON of the tokens' claims. */
  readonly claims: readonly string[];
  /** Where the requests came from. */
  readonly addresses: readonly string[];
}

export async function collectEvidence(): Promise<Evidence> {
  const addresses: string[] = [];
  const note: Answer = (response, _request, { socket }) => {
    addresses.push(socket.remoteAddress ?? "");
    response.writeHead(200).end();
  };
  const { requests, result } = await emitTo(note, ["*"]);
  expect(result.code).toBe(0);
  expect(requests).toHaveLength(eventTypes.length);
  return { requests, addresses, claims: requests.map(({ body }) => decodePart(body.toString(), 1)) };
}

export interface Emitted {
  readonly requests: readonly ReceivedRequest[];
  readonly result: CliResult;
}

/** Emits to an app that answers in one way. */
export async function emitTo(answer: Answer, args: readonly string[] = ["user.created"]): Promise<Emitted> {
  using project = await createProject();
  await using app = await startReceiver({ answers: [answer] });
  const result = await project.run(["emit", ...args, "--to", app.url, "--json"]);
  return { requests: app.requests, result };
}

/** The same, delivered by a mock that has the app as its webhook. */
export async function emitThroughMock(answer: Answer): Promise<Emitted> {
  using project = await createProject();
  await using app = await startReceiver({ answers: [answer] });
  await using mock = project.start(["mock", "--webhook", app.url]);
  await mock.line(/^ready/);
  const result = await project.run(["emit", "user.created", "--json"]);
  return { requests: app.requests, result };
}
