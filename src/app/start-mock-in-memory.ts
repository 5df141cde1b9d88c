/** The fake Kinde inside another program, a test above all: nothing on disk tells of it, and it ends with the program. */
import { randomBytes } from "node:crypto";
import type { History } from "../history/history.ts";
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
  /** How an error names it. Default `port`. */
  readonly portOption?: string;
  /** What the control API tells, and to whom. Default: nothing, and to nobody, for no other process knows of the mock. */
  readonly control?: { readonly token: string; readonly history: History };
}

/**
 * @throws {PortTakenError} `ERR_PORT_TAKEN`
 * @throws {PortForbiddenError} `ERR_PORT_FORBIDDEN`
 */
export async function startMockInMemory(options: StartMockInMemoryOptions): Promise<RunningMock> {
  const { port, signingKeys, portOption = "`port`" } = options;
  const told = options.control ?? {
    token: randomBytes(32).toString("base64url"),
    history: createMemoryHistory(0),
  };
  const mock = { ...options, onReset: () => signingKeys.restore() };
  return await openMock(mock, async ({ control, routes, replay }) => {
    try {
      return await startIssuer({
        port,
        jwks: signingKeys.jwks,
        mock: routes,
        control: { ...told, project: null, keys: signingKeys, mock: control, replay },
      });
    } catch (error) {
      throw await explain(error, port, portOption);
    }
  });
}

async function explain(error: unknown, port: number, option: string): Promise<unknown> {
  if (error instanceof PortInUseError) {
    return new PortTakenError(
      port,
      await findPortHolder(port, undefined),
      `leave ${option} out to get one that is free.`,
    );
  }
  if (systemErrorCode(error) === "EACCES") {
    return new PortForbiddenError(port, `Leave ${option} out to get one that is free.`);
  }
  return error;
}
