import type { Socket } from "node:net";

/** Resolves when the connection is gone, by whatever end: `once` would reject when it is reset. */
export async function untilClosed(socket: Socket): Promise<void> {
  if (socket.closed) return;
  await new Promise<void>((resolve) => {
    socket.on("error", () => {}).on("close", () => resolve());
    socket.resume();
  });
}
