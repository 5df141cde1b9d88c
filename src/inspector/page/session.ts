import type { ApiError } from "./api-error.ts";
import { readStored, writeStored } from "./browser-storage.ts";
import { createStore, type Store } from "./store.ts";

const storageKey = "kinde-devhook.token";

/** What lets the page in: the control token of the process, which came with a printed URL. */
export interface Session {
  /** `null` as long as there is none. */
  readonly token: Store<string | null>;
  /** Why the ticket of the latest printed URL was not taken; `null` when it was. */
  readonly refusal: Store<ApiError | null>;
  /** Whether a ticket is on its way: until then it is not known whether there is a token. */
  readonly isExchanging: Store<boolean>;
}

/**
 * Takes the ticket out of the address bar and exchanges it; without one, takes the token that this browser has. Another tab's
 * new token, or a printed URL that is opened in this one, is taken over.
 */
export function openSession(exchange: (ticket: string) => Promise<string>): Session {
  const session: Session = {
    token: createStore(readStored("localStorage", storageKey)),
    refusal: createStore<ApiError | null>(null),
    isExchanging: createStore(false),
  };
  const takeTicket = async (): Promise<void> => {
    const ticket = /^#t=(.+)$/.exec(location.hash)?.[1];
    if (ticket === undefined) return;
    // At once, so that it stays in no history and no bookmark.
    history.replaceState(null, "", location.pathname + location.search);
    session.isExchanging.set(true);
    try {
      const token = await exchange(ticket);
      session.refusal.set(null);
      writeStored("localStorage", storageKey, token);
      session.token.set(token);
    } catch (error) {
      session.refusal.set(error as ApiError);
    }
    session.isExchanging.set(false);
  };
  addEventListener("storage", ({ key, newValue }) => {
    if (key !== storageKey || newValue === null) return;
    session.refusal.set(null);
    session.token.set(newValue);
  });
  // The browser does not load a page anew for another hash.
  addEventListener("hashchange", () => void takeTicket());
  void takeTicket();
  return session;
}
