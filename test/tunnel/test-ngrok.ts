/** ngrok as a provider, with nothing of this machine's own: no agent, no command and no package unless a test has them. */
import { systemClock, type Clock } from "../../src/delivery/clock.ts";
import { createNgrok } from "../../src/tunnel/ngrok.ts";
import type { Tunnel, TunnelProvider } from "../../src/tunnel/tunnel.ts";
import { installNgrokCommand, type FakeNgrokCommand, type FakeNgrokMode } from "../helpers/fake-ngrok.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";

export interface TestNgrok extends AsyncDisposable {
  readonly provider: TunnelProvider;
  /** The user's project. */
  readonly project: string;
  /** Whoever wants something done when this process ends. */
  readonly exitListeners: ReadonlySet<() => void>;
  install(mode: FakeNgrokMode): FakeNgrokCommand;
  open(localPort: number, signal?: AbortSignal): Promise<Tunnel>;
}

export async function createTestNgrok({
  agentUrl,
  clock = systemClock,
  token = "a-token",
}: { readonly agentUrl?: URL; readonly clock?: Clock; readonly token?: string } = {}): Promise<TestNgrok> {
  const directory = createTemporaryDirectory();
  const bin = `${directory.path}/bin`;
  const exitListeners = new Set<() => void>();
  const provider = createNgrok({
    agentUrl: agentUrl ?? new URL(`http://127.0.0.1:${await findFreePort()}`),
    workingDirectory: directory.path,
    environment: { PATH: bin, NGROK_AUTHTOKEN: token },
    onExit: (end) => {
      exitListeners.add(end);
      return () => exitListeners.delete(end);
    },
    clock,
  });
  const opened: Tunnel[] = [];
  return {
    provider,
    project: directory.path,
    exitListeners,
    install: (mode) => installNgrokCommand(bin, mode),
    open: async (localPort, signal = new AbortController().signal) => {
      const tunnel = await provider.open(localPort, signal);
      opened.push(tunnel);
      return tunnel;
    },
    [Symbol.asyncDispose]: async () => {
      for (const tunnel of opened) tunnel.close();
      await provider.ended?.();
      directory[Symbol.dispose]();
    },
  };
}

/** Ten times as fast. */
export const fastClock: Clock = {
  now: () => Date.now() * 10,
  wait: (delayMs, signal) => systemClock.wait(delayMs / 10, signal),
};
