/** Handlers on Express: one that does all that Kinde's webhooks ask for, and the mistakes that people make. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { decodeWebhook } from "@kinde/webhooks";
import express, { type Express, type RequestHandler } from "express";
import { decodeToken } from "../../src/kinde/verify.ts";

/** What of an event the handlers here go by. */
interface SeenEvent {
  readonly type: string;
  readonly event_id: string;
  readonly timestamp: string;
  readonly data: { readonly user?: { readonly id: string; readonly email?: string | null } };
}

export interface RunningHandler extends AsyncDisposable {
  readonly url: URL;
  /** The types of the events that it acted on. */
  readonly acted: readonly string[];
  /** The e-mail address of each user, as its database has it. */
  readonly emails: ReadonlyMap<string, string | null | undefined>;
}

type Decode = (body: unknown) => Promise<SeenEvent | null>;
type Act = (event: SeenEvent) => void;
/** The status it answers with in place of acting. */
type Refuse = (event: SeenEvent) => number | undefined;
/** Puts a handler at `/api/webhook`. */
export type Mount = (app: Express, decode: Decode, act: Act) => void;

const anyText = express.text({ type: () => true });

/** Verifies, acts once, in the order of timestamps, on what it knows, and answers 200. */
export const correct: Mount = (app, decode, act) => {
  const seen = new Set<string>();
  const latest = new Map<string, number>();
  app.post("/api/webhook", anyText, async (request, response) => {
    const event = await decode(request.body);
    if (event === null) {
      response.sendStatus(400);
      return;
    }
    const { id } = event.data.user ?? {};
    const at = Date.parse(event.timestamp);
    const isNews = !seen.has(event.event_id) && event.type === "user.updated" && id !== undefined;
    seen.add(event.event_id);
    if (isNews && at >= (latest.get(id) ?? -Infinity)) {
      latest.set(id, at);
      act(event);
    }
    response.sendStatus(200);
  });
};

/** It believes what it can read. */
export const unverified: Mount = (app, _, act) => {
  app.post("/api/webhook", anyText, (request, response) => {
    const event = decodeToken(String(request.body));
    if (event !== undefined) act(event);
    response.sendStatus(200);
  });
};

/** Parsers of its own, before a verification that is right in itself. */
export function parsing(...parsers: RequestHandler[]): Mount {
  return (app, decode, act) => {
    app.post("/api/webhook", ...parsers, verifying(decode, act));
  };
}

/** It refuses some of what verifies. */
export function refusing(refuse: Refuse): Mount {
  return (app, decode, act) => {
    app.post("/api/webhook", anyText, verifying(decode, act, refuse));
  };
}

/** It takes for granted that there is an event. */
export const trusting: Mount = (app, decode, act) => {
  app.post("/api/webhook", anyText, async (request, response) => {
    act((await decode(request.body)) as SeenEvent);
    response.sendStatus(200);
  });
};

function verifying(decode: Decode, act: Act, refuse: Refuse = () => undefined): RequestHandler {
  return async (request, response) => {
    const event = await decode(request.body);
    const status = event === null ? 400 : refuse(event);
    if (status === undefined && event !== null) act(event);
    response.sendStatus(status ?? 200);
  };
}

export async function startHandler(issuer: string, mount: Mount): Promise<RunningHandler> {
  const app = express();
  // Express prints what a handler throws, unless it is told that it is tested.
  app.set("env", "test");
  const acted: string[] = [];
  const emails = new Map<string, string | null | undefined>();
  mount(
    app,
    async (body) => await decodeWebhook<SeenEvent>(body as string, issuer),
    (event) => {
      acted.push(event.type);
      const { user } = event.data;
      if (user !== undefined) emails.set(user.id, user.email);
    },
  );
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/webhook`),
    acted,
    emails,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
