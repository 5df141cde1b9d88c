/** The fake Kinde inside another program, a test above all: nothing on disk tells of it, and it ends with the program. */
import { randomBytes } from "node:crypto";
import { createMemoryHistory } from "../history/memory-history.ts";
import { startIssuer } from "../issuer/server.ts";
import { systemErrorCode } from "../kinde/errors.ts";
import type { KeysInMemory } from "../kinde/signing-keys.ts";
import { PortInUseError } from "../net/listen.ts";
import { openMock, type OpenMockOptions, type RunningMock } from "./open-mock.ts";
import { findPortHolder, PortForbiddenError, PortTakenError } from "./port-holder.ts";

export interface StartMockInMemoryOptions extends Omit<OpenMockOptions, "onReset"> {
  readonly signingKeys: KeysInMemory;
  /** 0 for any that is free. */
  readonly port: number;
}

/**
 * @throws {PortTakenError} `ERR_PORT_TAKEN`
 * @throws {PortForbiddenError} `ERR_PORT_FORBIDDEN`
 */
export async function startMockInMemory(options: StartMockInMemoryOptions): Promise<RunningMock> {
  const { port, signingKeys } = options;
  const mock = { ...options, onReset: () => signingKeys.restore() };
  return await openMock(mock, async ({ control, routes }) => {
    try {
      return await startIssuer({
        port,
        jwks: signingKeys.jwks,
        mock: routes,
        // Nobody is told the token: the control API serves other processes of a project, and there is none.
        control: {
          project: null,
          token: randomBytes(32).toString("base64url"),
          keys: signingKeys,
          history: createMemoryHistory(0),
          mock: control,
        },
      });
    } catch (error) {
      throw await explain(error, port);
    }
  });
}

async function explain(error: unknown, port: number): Promise<unknown> {
  if (error instanceof PortInUseError) {
    const holder = await findPortHolder(port, undefined);
    return new PortTakenError(port, holder, "leave `port` out to get one that is free.");
  }
  if (systemErrorCode(error) === "EACCES") {
    return new PortForbiddenError(port, "Leave `port` out to get one that is free.");
  }
  return error;
}
