/** The fake Kinde as a running process of a project: its other processes find it by its run file. */
import { randomBytes } from "node:crypto";
import type { History } from "../history/history.ts";
import type { Project } from "../project/directory.ts";
import { serveIssuerAlone } from "./local-issuer.ts";
import { openMock, type OpenMockOptions, type RunningMock } from "./open-mock.ts";

export interface StartMockOptions extends Omit<OpenMockOptions, "randomBytes"> {
  readonly project: Project;
  readonly history: History;
  readonly issuerPort: number;
}

/**
 * @throws {OtherProjectError} `ERR_OTHER_PROJECT`
 * @throws {PortTakenError} `ERR_PORT_TAKEN`
 */
export async function startMock(options: StartMockOptions): Promise<RunningMock> {
  const { clock, issuerPort } = options;
  return await openMock({ ...options, randomBytes }, ({ endpoints, emit }) =>
    serveIssuerAlone({ ...options, port: issuerPort, command: "mock", webhooks: endpoints, emit }, clock),
  );
}
