/** Whether the local issuer can be served, or shared, on its port. */
import { createServer } from "node:http";
import { systemErrorCode, type DevhookError } from "../../kinde/errors.ts";
import type { KeySet } from "../../kinde/key-set.ts";
import { listenOnLoopback, PortInUseError } from "../../net/listen.ts";
import type { Project } from "../../project/directory.ts";
import { keysPathOf, readKeys } from "../../project/keys-file.ts";
import { readRunFile } from "../../project/run-file.ts";
import {
  findPortHolder,
  OtherProjectError,
  PortForbiddenError,
  PortTakenError,
  StaleIssuerError,
  type PortHolder,
} from "../port-holder.ts";
import { failOf, pass, type Finding } from "./finding.ts";

export async function checkIssuerPort(project: Project, port: number): Promise<Finding> {
  const holder = await findPortHolder(port, project);
  switch (holder?.kind) {
    case undefined:
      return await tryToListen(port);
    case "this-project":
      return describeOurs(project, port, holder);
    case "other-project":
      return refusal(new OtherProjectError(port, holder));
    case "stranger":
      return refusal(new PortTakenError(port, holder));
    default:
      return holder satisfies never;
  }
}

/** What a command that serves would end with. Here nothing has failed yet. */
function refusal(error: DevhookError): Finding {
  const finding = failOf(error);
  return { ...finding, message: finding.message.replace(/^Failed to [^:]*: /, "") };
}

function describeOurs(
  project: Project,
  port: number,
  { pid, keyIds }: Extract<PortHolder, { kind: "this-project" }>,
): Finding {
  const kid = readKeysIfPossible(project)?.signingKey.kid;
  if (kid !== undefined && !keyIds.includes(kid)) return failOf(new StaleIssuerError(port, pid));
  const command = readRunFile(project, port)?.command ?? "kinde-devhook";
  return pass(`${port} is served by this project's ${command} (pid ${pid})`);
}

/** What is wrong with them another check tells. */
function readKeysIfPossible(project: Project): KeySet | undefined {
  try {
    return readKeys(keysPathOf(project));
  } catch {
    return undefined;
  }
}

/** For a moment: that nobody answers does not yet mean that the system gives the port away. */
async function tryToListen(port: number): Promise<Finding> {
  try {
    const server = await listenOnLoopback(port, () =>
      createServer((request) => void request.socket.destroy()),
    );
    await server.close();
  } catch (error) {
    if (error instanceof PortInUseError) return refusal(new PortTakenError(port, undefined));
    if (systemErrorCode(error) === "EACCES") return refusal(new PortForbiddenError(port));
    throw error;
  }
  return pass(`${port} is free`);
}
