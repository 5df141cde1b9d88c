/** Stands for an ngrok agent that runs: its API as documented, and tunnels that carry what is sent there. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { forwardHttp, type HttpForwarder } from "./forward-http.mjs";
import { listenOnLoopback } from "./listen-on-loopback.mjs";

export interface FakeNgrokAgent extends AsyncDisposable {
  readonly url: URL;
  /** The names of its tunnels. */
  readonly names: readonly string[];
  /** `<method> <path>`, in order. */
  readonly requests: readonly string[];
  /** Tunnels that are asked for from now on are refused: with this text, or with bytes that are no JSON. */
  refuse(err: string | Buffer): void;
  /** Tunnels that are asked for from now on are opened, and told, once what this returns is called. */
  stall(): () => void;
  /** Opens one as the user may have. @param addr as the agent would tell it */
  open(name: string, addr: string, localPort: number): Promise<string>;
  end(name: string): Promise<void>;
}

export async function startFakeNgrokAgent(): Promise<FakeNgrokAgent> {
  const tunnels = new Map<string, HttpForwarder & { readonly addr: string }>();
  const requests: string[] = [];
  let refusal: string | Buffer | undefined;
  let stalled = Promise.resolve();
  const show = (name: string): object => ({
    name,
    uri: `/api/tunnels/${encodeURIComponent(name)}`,
    public_url: tunnels.get(name)?.url,
    proto: "https",
    config: { addr: tunnels.get(name)?.addr, inspect: true },
  });
  const end = async (name: string): Promise<void> => {
    const tunnel = tunnels.get(name);
    tunnels.delete(name);
    await tunnel?.close();
  };
  const open = async (name: string, addr: string, localPort: number): Promise<string> => {
    const forwarder = await forwardHttp(localPort);
    tunnels.set(name, { ...forwarder, addr });
    return forwarder.url;
  };
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url: path = "" } = incoming;
    requests.push(`${method} ${path}`);
    const name = decodeURIComponent(/^\/api\/tunnels\/(.+)$/.exec(path)?.[1] ?? "");
    if (method === "GET" && path === "/api/tunnels") {
      send(response, 200, { tunnels: [...tunnels.keys()].map(show), uri: path });
    } else if (method === "POST" && path === "/api/tunnels") {
      const wanted = JSON.parse(await read(incoming)) as { name: string; proto: string; addr: string };
      await stalled;
      if (Buffer.isBuffer(refusal)) {
        response.writeHead(502).end(refusal);
      } else if (refusal !== undefined || wanted.proto !== "http") {
        const details = { err: refusal };
        send(response, 502, { error_code: 103, status_code: 502, msg: "failed to start tunnel", details });
      } else {
        await open(wanted.name, `http://localhost:${wanted.addr}`, Number(wanted.addr));
        send(response, 201, show(wanted.name));
      }
    } else if (method === "DELETE" && tunnels.has(name)) {
      await end(name);
      response.writeHead(204).end();
    } else {
      send(response, 404, { error_code: 100, status_code: 404, msg: "Not found" });
    }
  };
  const { port, close } = await listenOnLoopback(0, () => createServer(answer));
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    get names() {
      return [...tunnels.keys()];
    },
    requests,
    refuse: (err) => (refusal = err),
    stall: () => {
      let goOn = (): void => {};
      stalled = new Promise((resolve) => (goOn = resolve));
      return goOn;
    },
    open,
    end,
    [Symbol.asyncDispose]: async () => {
      await close();
      await Promise.all([...tunnels.keys()].map(end));
    },
  };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function read(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
