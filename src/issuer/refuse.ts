import { STATUS_CODES, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** Why a request is not answered; the body has it in the shape of all errors here. */
export interface Refusal {
  readonly status: number;
  readonly code: `ERR_${string}`;
  readonly message: string;
}

export const foreignHost: Refusal = {
  status: 403,
  code: "ERR_FOREIGN_HOST",
  message: "The local issuer answers to loopback names only, as in http://localhost.",
};

export const foreignOrigin: Refusal = {
  status: 403,
  code: "ERR_FOREIGN_ORIGIN",
  message: "Pages of other origins may not use the control API.",
};

export function refuse(response: ServerResponse, { status, code, message }: Refusal): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ errors: [{ code, message }] }));
}

/** Refuses an upgrade, and ends its connection. */
export function refuseUpgrade(socket: Duplex, { status, code, message }: Refusal): void {
  const body = JSON.stringify({ errors: [{ code, message }] });
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      "content-type: application/json",
      `content-length: ${Buffer.byteLength(body)}`,
      "connection: close",
      "",
      body,
    ].join("\r\n"),
    () => socket.destroy(),
  );
}
