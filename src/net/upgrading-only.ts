import { IncomingMessage } from "node:http";

/**
 * The requests of a server that takes the upgrade of some alone. node:http hands one that listens for upgrades every
 * request that asks for any, and many ask by the way (curl and Java for `h2c`): those get their answer, as without it.
 * @param isWanted whether a request is to leave HTTP
 */
export function upgradingOnly(isWanted: (request: IncomingMessage) => boolean): typeof IncomingMessage {
  return class extends IncomingMessage {
    // No field of the class: the constructor above writes to it, before fields are there.
    declare private asks: boolean | null;

    get upgrade(): boolean {
      return this.asks === true && (this.method === "CONNECT" || isWanted(this));
    }

    /** What node:http has read. */
    set upgrade(asks: boolean | null) {
      this.asks = asks;
    }
  };
}
