/**
 * A tunnel through ngrok, by the first that is there: an agent that runs on this machine, the `ngrok` command, which
 * knows the token that was given to it, or the package `@ngrok/ngrok` of the user's project, which needs it in the environment.
 */
import { settleWithin, type Clock } from "../delivery/clock.ts";
import { openByAgent } from "./ngrok-agent.ts";
import { openByCommand } from "./ngrok-command.ts";
import { openByPackage } from "./ngrok-package.ts";
import type { NgrokTunnel } from "./ngrok-tunnel.ts";
import { TunnelError, type TunnelProvider } from "./tunnel.ts";

export interface NgrokOptions {
  /** Where an agent that runs has its API. */
  readonly agentUrl: URL;
  /** The package is looked for from here. */
  readonly workingDirectory: string;
  /** Where the command is looked for, and the token. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Has something done when this process ends without closing the tunnel. @returns takes it back */
  readonly onExit: (end: () => void) => () => void;
  readonly clock: Clock;
}

/** Where ngrok's agent has its API unless its configuration (`web_addr`) says otherwise. */
export const defaultAgentUrl = "http://127.0.0.1:4040";

// An answer that has left this process is still to be passed on by ngrok's, which does not tell when it has.
const passOnMs = 100;
// Without a network the end of a tunnel may never be confirmed.
const endTimeoutMs = 2_000;

export function createNgrok(options: NgrokOptions): TunnelProvider {
  const ending = new Set<Promise<void>>();
  const ended = async (): Promise<void> => {
    if (ending.size > 0) await settleWithin(ending, endTimeoutMs, options.clock);
  };
  return {
    name: "ngrok",
    ended,
    advice: () => "Its status page is https://status.ngrok.com; another tunnel: --provider localtunnel.",
    open: async (localPort, signal) => {
      // The one before may still hold the URL.
      await ended();
      const { publicUrl, lost, end } = await openByAny(localPort, signal, options);
      let isClosed = false;
      return {
        publicUrl,
        lost,
        finish: () => options.clock.wait(passOnMs),
        close: () => {
          if (isClosed) return;
          isClosed = true;
          const one = end().finally(() => ending.delete(one));
          ending.add(one);
        },
      };
    },
  };
}

async function openByAny(
  localPort: number,
  signal: AbortSignal,
  options: NgrokOptions,
): Promise<NgrokTunnel> {
  for (const open of [openByAgent, openByCommand, openByPackage]) {
    const tunnel = await open(localPort, signal, options);
    if (tunnel !== undefined) return tunnel;
  }
  throw new TunnelError(
    "ERR_NGROK_NOT_FOUND",
    "no ngrok is to be found: neither an agent that runs, nor the command, nor the package @ngrok/ngrok in this project",
    "Install ngrok (https://ngrok.com/download), or the package: npm install --save-dev @ngrok/ngrok. Another tunnel: --provider localtunnel.",
    { isPassing: false },
  );
}
