/** The mock of the `run` that this process was started by, as the environment names it. */
import { InvalidOptionError } from "../kinde/errors.ts";
import { isLoopbackHost } from "../net/loopback.ts";
import type { RunRecord } from "../project/run-file.ts";
import type { Environment } from "../project/settings.ts";
import { listEndpoints, MockRefusedError, MockUnreachableError } from "./control-client.ts";
import { findPortHolder } from "./port-holder.ts";

const urlVariable = "KINDE_DEVHOOK_URL";
const tokenVariable = "KINDE_DEVHOOK_TOKEN";

/**
 * Asks the mock what it is and has.
 * @returns `undefined` when the environment names none
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 * @throws {MockUnreachableError} `ERR_MOCK_UNREACHABLE`
 * @throws {MockRefusedError} `ERR_CONTROL_TOKEN`
 */
export async function findSurroundingMock(environment: Environment): Promise<RunRecord | undefined> {
  if (!environment[urlVariable] && !environment[tokenVariable]) return undefined;
  const port = readPort(readVariable(environment, urlVariable, tokenVariable));
  const token = readVariable(environment, tokenVariable, urlVariable);
  const holder = await findPortHolder(port, undefined);
  if (holder === undefined || holder.kind === "stranger") {
    throw new MockUnreachableError(
      { port },
      holder === undefined ? "nothing listens there" : "it is another program that listens there",
      `Has the \`run\` that set ${urlVariable} ended? Without that variable events go where they always go.`,
    );
  }
  const run = { port, pid: holder.pid, command: "run", token, webhooks: [] };
  try {
    return { ...run, webhooks: await listEndpoints(run) };
  } catch (error) {
    if (!(error instanceof MockRefusedError) || error.code !== "ERR_CONTROL_TOKEN") throw error;
    throw new MockRefusedError(
      error.code,
      `Failed to emit through the running mock (port ${port}, pid ${holder.pid}): ${tokenVariable} is not its token. ` +
        `Has the \`run\` that set it ended, and another begun? Without ${urlVariable} and ${tokenVariable} events go where they always go.`,
    );
  }
}

function readVariable(environment: Environment, name: string, other: string): string {
  const value = environment[name];
  if (value !== undefined && value !== "") return value;
  throw new InvalidOptionError(name, `a value, for ${other} has one`, "nothing", "`run` sets both.");
}

function readPort(text: string): number {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // The token is for this machine alone.
  if (url !== undefined && url.protocol === "http:" && isLoopbackHost(url.hostname)) {
    return Number(url.port || 80);
  }
  throw new InvalidOptionError(
    urlVariable,
    "an http URL of this machine, as in http://localhost:4455",
    JSON.stringify(text),
  );
}
