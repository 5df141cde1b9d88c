/** A small process behind the pane of one delivery: it holds details, replays them and emits, with real keys and requests. */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { once } from "node:events";
import { resolve } from "node:path";
import type { AddressInfo } from "node:net";
import { json as readJson } from "node:stream/consumers";
import { build } from "esbuild";
import { attemptDelivery } from "../../src/delivery/attempt-delivery.ts";
import { claimsOf } from "../../src/delivery/claims-of.ts";
import { systemClock } from "../../src/delivery/clock.ts";
import {
  addAttempt,
  createDelivery,
  createDeliveryId,
  type Delivery,
  type DeliveryOrder,
} from "../../src/delivery/delivery.ts";
import { createReplay } from "../../src/delivery/replay.ts";
import type {
  DeliveryDetail,
  EventSample,
  LadderStep,
  ReplayRequest,
  Status,
} from "../../src/inspector/protocol.ts";
import { DevhookError } from "../../src/kinde/errors.ts";
import { createEvent } from "../../src/kinde/events.ts";
import { eventFixture, eventTypes, parseEventType } from "../../src/kinde/event-types.ts";
import { createIdempotencyKey } from "../../src/kinde/ids.ts";
import { isJsonObject, type JsonObject } from "../../src/kinde/json.ts";
import { signClaims } from "../../src/kinde/sign.ts";
import { parseEmitRequest } from "../../src/mock/emit-request.ts";
import { signingKey } from "../helpers/keys.ts";

export interface DetailPage extends AsyncDisposable {
  /** The page, to which `#<id of a delivery>` is added. */
  readonly url: string;
  /** The body of each call that changed something, in their order. */
  readonly calls: readonly { readonly path: string; readonly body: JsonObject }[];
  /** Makes an event, delivers it to the app, and keeps it. */
  emit(claims: JsonObject): Promise<Delivery>;
  /** Keeps what is given as it is. */
  keep(delivery: Delivery, more?: Partial<DeliveryDetail>): void;
  status: Partial<Status>;
}

export interface DetailPageOptions {
  /** The app: where events go. */
  readonly endpoint: string;
}

const issuer = "http://localhost:4455";
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'";
const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>kinde-devhook</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<link rel="stylesheet" href="style.css"><script type="module" src="page.js"></script></head><body></body></html>`;

const samples: readonly EventSample[] = eventTypes.map((type) => {
  const { category, description, confidence, data } = eventFixture(type);
  return { type, category, description, confidence, data: data as unknown as JsonObject };
});

export async function startDetailPage({ endpoint }: DetailPageOptions): Promise<DetailPage> {
  const files = await buildHarness();
  const details = new Map<string, DeliveryDetail>();
  const calls: { path: string; body: JsonObject }[] = [];
  const origin = { randomBytes, now: Date.now() };

  const keep = (delivery: Delivery, more: Partial<DeliveryDetail> = {}): void => {
    details.set(delivery.id, { ...describe(delivery), ...more });
  };
  const deliver = async (order: DeliveryOrder): Promise<Delivery> => {
    const delivery = createDelivery(order, createDeliveryId(randomBytes), Date.now());
    const attempt = await attemptDelivery(delivery, {
      plannedDelayMs: 0,
      clock: systemClock,
      timeoutMs: 5_000,
      signal: AbortSignal.timeout(10_000),
    });
    const ended = addAttempt(
      delivery,
      attempt,
      attempt.status === 200 ? { state: "delivered" } : { state: "failed", failedReason: "not_delivered" },
    );
    keep(ended);
    return ended;
  };
  const emit = async (claims: JsonObject, to = endpoint): Promise<Delivery> =>
    await deliver({
      direction: "emitted",
      endpoint: to,
      webhookId: createIdempotencyKey(randomBytes),
      token: await signClaims(claims, signingKey),
      event: claims as unknown as NonNullable<DeliveryOrder["event"]>,
      verification: { status: "verified", kid: signingKey.kid, issuer },
    });
  const page = { status: {} as Partial<Status> };

  const answer = async (method: string, path: string, incoming: IncomingMessage): Promise<unknown> => {
    if (path === "status") return { endpoints: [endpoint], now: null, ...page.status };
    if (path === "event-types") return { eventTypes: samples };
    const body = method === "POST" ? await readJson(incoming) : {};
    if (!isJsonObject(body)) throw new Error("no object");
    if (method === "POST") calls.push({ path, body });
    if (path === "emit") {
      const { type, ...overrides } = parseEmitRequest(body, "emit");
      const event = createEvent(parseEventType(type), overrides, origin) as unknown as JsonObject;
      return { deliveries: [await emit(event, body["to"] as string | undefined)] };
    }
    const [, id = "", verb] = path.split("/");
    const detail = details.get(decodeURIComponent(id));
    if (detail === undefined) throw new UnknownError(id);
    if (verb === undefined) return detail;
    const { fresh, sameId, ...edits } = body as ReplayRequest;
    const replay = await createReplay(
      detail.delivery,
      { ...edits, isFresh: fresh, isSameId: sameId },
      { ...origin, now: Date.now(), signingKey, issuer },
    );
    return { delivery: await deliver(replay.order), changes: replay.changes };
  };

  const server = createServer(async (incoming, response) => {
    const path = new URL(incoming.url ?? "/", issuer).pathname.slice("/_devhook/".length);
    const file = files.get(path);
    if (file !== undefined) {
      response
        .writeHead(200, { "content-type": file.type, "content-security-policy": policy })
        .end(file.text);
      return;
    }
    try {
      const result = await answer(incoming.method ?? "GET", path.slice("api/".length), incoming);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(result));
    } catch (error) {
      if (!(error instanceof DevhookError)) throw error;
      const errors = [{ code: error.code, message: error.message }];
      response.writeHead(error instanceof UnknownError ? 404 : 400).end(JSON.stringify({ errors }));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(page, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/_devhook/`,
    calls,
    emit: (claims: JsonObject) => emit(claims),
    keep,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  });
}

class UnknownError extends DevhookError {
  override readonly code = "ERR_UNKNOWN_DELIVERY";
  constructor(id: string) {
    super(`Failed to find ${id}: no delivery has this id.`);
  }
}

function describe(delivery: Delivery): DeliveryDetail {
  const { attempts, verification } = delivery;
  return {
    delivery,
    header: null,
    claims: claimsOf(delivery) ?? null,
    signer: verification.status === "verified" ? "local" : null,
    hints: [],
    ladder: attempts.map(({ number, startedAt, status }): LadderStep => ({
      number,
      at: startedAt,
      state: "done",
      status,
      isAbout: false,
    })),
  };
}

async function buildHarness(): Promise<
  ReadonlyMap<string, { readonly type: string; readonly text: string }>
> {
  const { outputFiles } = await build({
    bundle: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    jsxImportSource: "preact",
    outdir: "/",
    entryPoints: { page: resolve("test/inspector/detail-harness.mjs") },
  });
  // As the page's own style sheet has them, in which these come last.
  const styles = await build({
    bundle: true,
    write: false,
    stdin: {
      contents: ["theme", "base", "layout", "copy-button", "detail/detail"]
        .map((name) => `@import "./${name}.css";`)
        .join("\n"),
      loader: "css",
      resolveDir: resolve("src/inspector/page"),
    },
  });
  return new Map([
    ["", { type: "text/html", text: html }],
    ["page.js", { type: "text/javascript", text: outputFiles[0]!.text }],
    ["style.css", { type: "text/css", text: styles.outputFiles[0]!.text }],
  ]);
}
