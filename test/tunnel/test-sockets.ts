import type { Clock } from "../../src/delivery/clock.ts";
import { requestTunnel } from "../../src/tunnel/localtunnel-api.ts";
import {
  openTunnelSockets,
  type TunnelSockets,
  type TunnelSocketsOptions,
} from "../../src/tunnel/localtunnel-sockets.ts";
import { createHeldClock } from "../delivery/held-clock.ts";
import type { FakeLocaltunnelServer } from "../helpers/fake-localtunnel-server.ts";

type TestSocketsOptions = Omit<TunnelSocketsOptions, "clock"> & { readonly clock?: Clock };

/** A tunnel's connections, closed at the end of the block; their clock stands still unless another is given. */
export function openTestSockets(options: TestSocketsOptions): TunnelSockets & Disposable {
  const sockets = openTunnelSockets({ clock: createHeldClock(), ...options });
  return { ...sockets, [Symbol.dispose]: () => sockets.close() };
}

/** Opens them at the fake server, and waits until they are there. */
export async function openSocketsAt(
  server: FakeLocaltunnelServer,
  options: Omit<TestSocketsOptions, "address">,
): Promise<TunnelSockets & Disposable> {
  const { signal } = new AbortController();
  const { address } = await requestTunnel(new URL(server.url), "acme-devhook", signal);
  const sockets = openTestSockets({ address, ...options });
  await server.waitForSockets(options.count);
  return sockets;
}

/** Whether a promise has not settled by now. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol("pending");
  return (await Promise.race([promise, Promise.resolve(pending)])) === pending;
}
