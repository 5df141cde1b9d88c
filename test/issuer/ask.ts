import { once } from "node:events";
import { request, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";

export interface Asked {
  /** Which address to connect to. Default 127.0.0.1. */
  readonly address?: string;
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

export interface Answered {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body as JSON, `undefined` when it is none. */
  readonly json: unknown;
}

/** One request with any headers at all; a global fetch would not send a Host or an Origin of our choice. */
export async function ask(port: number, path: string, asked: Asked = {}): Promise<Answered> {
  const { address = "127.0.0.1", method = "GET", headers, body } = asked;
  const outgoing = request({ host: address, port, path, method, headers, agent: false });
  outgoing.end(body);
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  const answer = await text(response);
  return { status: response.statusCode, headers: response.headers, body: answer, json: parse(answer) };
}

/** The code of an error answer of the control API. */
export function errorCode({ json }: Answered): unknown {
  return (json as { errors?: { code: string }[] } | undefined)?.errors?.[0]?.code;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
