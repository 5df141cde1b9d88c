import type { TunnelProvider } from "./tunnel.ts";

/** A tunnel that somebody else runs: its public URL is known, and it leads to the intake's port. */
export function createOwnUrl(publicUrl: URL): TunnelProvider {
  return {
    name: publicUrl.host,
    address: publicUrl,
    isElsewhere: true,
    advice: (localPort) =>
      `Is your tunnel running? Start it again, so that ${publicUrl.origin} leads to http://localhost:${localPort}.`,
    // Whether it still works only the probe can tell.
    open: () =>
      Promise.resolve({
        publicUrl,
        lost: new Promise(() => {}),
        finish: () => Promise.resolve(),
        close: () => {},
      }),
  };
}
