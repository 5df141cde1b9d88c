/** One connection through the network: two sockets, and what goes from one to the other. */
import { connect, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

export interface Wire {
  /** Resolves when both ends are closed. */
  readonly closed: Promise<unknown>;
  /** Ends it at both ends. */
  cut(): void;
  /** Both ends stay open, and what they are given is lost. */
  swallow(lingerMs: number): void;
}

/**
 * @param near the client's end
 * @param port where to lead it
 * @param readDelayMs asked for each piece
 */
export function createWire(near: Socket, port: number, readDelayMs: () => number): Wire {
  const far = connect({ host: "localhost", port, allowHalfOpen: true, noDelay: true });
  near.setNoDelay(true);
  let isSwallowing = false;
  let farLingerMs = 0;
  const carry = (from: Socket, to: Socket): void => {
    // One after the other: what came first goes first.
    let last: Promise<unknown> = Promise.resolve();
    const inTurn = (write: () => void): void => {
      last = writeAfter(last, readDelayMs(), () => {
        if (!isSwallowing && !to.destroyed) write();
      });
    };
    from.on("data", (chunk: Buffer) => inTurn(() => to.write(chunk)));
    from.on("end", () => inTurn(() => to.end()));
    from.on("error", () => {});
  };
  carry(near, far);
  carry(far, near);
  const closed = Promise.all([near, far].map(untilClosed));
  // Nothing else would end it: what it is told goes nowhere.
  near.on("end", () => {
    if (isSwallowing) near.destroy();
  });
  near.on("close", () => void wait(farLingerMs, undefined, { ref: false }).then(() => far.destroy()));
  far.on("close", () => {
    if (!isSwallowing) near.destroy();
  });
  return {
    closed,
    cut: () => {
      near.destroy();
      far.destroy();
    },
    swallow: (lingerMs) => {
      isSwallowing = true;
      farLingerMs = lingerMs;
    },
  };
}

async function writeAfter(before: Promise<unknown>, delayMs: number, write: () => void): Promise<void> {
  await Promise.all([before, ...(delayMs === 0 ? [] : [wait(delayMs)])]);
  write();
}

function untilClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}
