import type { LiveMessage } from "../protocol.ts";
import type { ApiError } from "./api-error.ts";
import type { Session } from "./session.ts";
import { createStore, type Store } from "./store.ts";

/** How the page stands with the process behind it. */
export type Connection =
  | { readonly state: "connecting" | "open" | "without-token" }
  /** Another process answers now, which knows nothing of our token. */
  | { readonly state: "refused" }
  /** Nothing answers. Epoch milliseconds. */
  | { readonly state: "lost"; readonly since: number };

export interface LiveOptions {
  /** `http://localhost:4455/_devhook/` */
  readonly base: URL;
  readonly session: Session;
  /** Rejects with an `ApiError` when the token is refused, or nothing answers. */
  readonly ask: () => Promise<unknown>;
  readonly onMessage: (message: LiveMessage) => void;
}

const firstDelayMs = 500;
const maxDelayMs = 10_000;

/** Holds a connection to the process: again when it breaks, later each time, and at once when there is a new token. */
export function openLive({ base, session, ask, onMessage }: LiveOptions): Store<Connection> {
  const connection = createStore<Connection>({ state: "connecting" });
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let delayMs = firstDelayMs;

  function connect(): void {
    clearTimeout(timer);
    const former = socket;
    socket = undefined;
    former?.close();
    const token = session.token.get();
    if (session.isExchanging.get()) connection.set({ state: "connecting" });
    else if (token === null) connection.set({ state: "without-token" });
    else open(token);
  }

  function open(token: string): void {
    // While it is tried again the page goes on to say what is wrong.
    if (connection.get().state !== "lost") connection.set({ state: "connecting" });
    const current = createSocket(base, token);
    if (current === undefined) {
      connection.set({ state: "refused" });
      return;
    }
    socket = current;
    current.addEventListener("message", ({ data }) => {
      if (current !== socket) return;
      delayMs = firstDelayMs;
      onMessage(JSON.parse(String(data)) as LiveMessage);
      connection.set(isOpen);
    });
    current.addEventListener("close", () => {
      if (current === socket) void lose(current);
    });
  }

  /** A WebSocket does not tell why it was not opened; the API does. */
  async function lose(lost: WebSocket): Promise<void> {
    const wasOpen = connection.get().state === "open";
    if (wasOpen) connection.set({ state: "lost", since: Date.now() });
    const error = await ask().then(
      () => undefined,
      (reason: unknown) => reason as ApiError,
    );
    if (lost !== socket) return;
    if (error?.status === 401) {
      connection.set({ state: "refused" });
      return;
    }
    if (connection.get().state !== "lost") connection.set({ state: "lost", since: Date.now() });
    timer = setTimeout(connect, delayMs);
    delayMs = Math.min(delayMs * 2, maxDelayMs);
  }

  const restart = (): void => {
    delayMs = firstDelayMs;
    connect();
  };
  session.token.subscribe(restart);
  session.isExchanging.subscribe(() => {
    if (connection.get().state !== "open") restart();
  });
  // A tab that is looked at again does not wait for its turn.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && connection.get().state === "lost") restart();
  });
  connect();
  return connection;
}

const isOpen: Connection = { state: "open" };

/** @returns `undefined` for a token that can't be one */
function createSocket(base: URL, token: string): WebSocket | undefined {
  const url = new URL("live", base);
  url.protocol = base.protocol === "https:" ? "wss:" : "ws:";
  try {
    return new WebSocket(url, ["kinde-devhook", token]);
  } catch {
    return undefined;
  }
}
