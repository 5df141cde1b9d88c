/**
 * The local issuer: the JWKS that verifies what is emitted here, discovery, and the control API.
 * The JWKS is answered from bytes made once for each set; everything else is Express, loaded when first asked for.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { settleWithin, systemClock } from "../delivery/clock.ts";
import { jwksPaths, type Jwks } from "../kinde/jwks.ts";
import { HttpAndHttpsServer } from "../net/http-and-https-server.ts";
import { listenOnLoopback } from "../net/listen.ts";
import type { LocalCertificates } from "../net/local-certificates.ts";
import { processCertificates } from "../net/process-certificates.ts";
import { allowLoopbackOrigin, hasLoopbackHost } from "./guard.ts";
import type { ControlOptions } from "./routes/control.ts";
import type { MockRoutesOptions } from "./routes/routes.ts";

export interface IssuerOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** The set to serve, asked for at every request for it. */
  readonly jwks: () => Jwks | Promise<Jwks>;
  /** The real issuer, which has the paths that this one has not. */
  readonly realIssuer?: string;
  /** What a mock answers beside. */
  readonly mock?: MockRoutesOptions | undefined;
  readonly control: Omit<ControlOptions, "untilClosing">;
  /** Asked for when TLS is spoken. Default: made by this process for itself. */
  readonly certificates?: (() => Promise<LocalCertificates>) | undefined;
}

export interface Issuer {
  /** `http://localhost:<port>`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Whether anybody has asked for the JWKS. */
  readonly hasServedJwks: () => boolean;
  /** The CA that vouches for `https://localhost:<port>`, as PEM. */
  readonly caCertificate: () => Promise<string>;
  /**
   * Stops serving. Processes of this project that share the issuer are told first, and have a time in
   * milliseconds (default 2 s) to finish what relies on it.
   */
  close(graceMs?: number): Promise<void>;
}

const defaultGraceMs = 2_000;

/** @throws {PortInUseError} when the port is taken */
export async function startIssuer(options: IssuerOptions): Promise<Issuer> {
  const { port, jwks, realIssuer, mock, control, certificates = processCertificates } = options;
  const bytesOf = createJwksBytes();
  let hasServedJwks = false;
  const followers = createFollowers();
  const otherRoutes = lazily(async () => {
    const { createRoutes } = await import("./routes/routes.ts");
    return createRoutes({ control: { ...control, untilClosing: followers.follow }, mock, realIssuer });
  });
  const answerJwks = (request: IncomingMessage, response: ServerResponse, set: Jwks): void => {
    const bytes = bytesOf(set);
    hasServedJwks = true;
    response.writeHead(200, { "content-type": "application/json", "content-length": bytes.length });
    response.end(request.method === "HEAD" ? undefined : bytes);
  };
  const answerError = (response: ServerResponse, error: unknown): void =>
    refuse(response, 500, "ERR_INTERNAL", String(error));

  const listener: RequestListener = (request, response) => {
    if (!hasLoopbackHost(request)) {
      refuse(
        response,
        403,
        "ERR_FOREIGN_HOST",
        "The local issuer answers to loopback names only, as in http://localhost.",
      );
      return;
    }
    const path = (request.url ?? "/").split("?", 1)[0]!.replace(/^\/{2,}/, "/");
    if (!path.startsWith("/_devhook") && !allowLoopbackOrigin(request, response)) return;
    if (jwksPaths.includes(path) && (request.method === "GET" || request.method === "HEAD")) {
      const set = jwks();
      // A set at hand is answered at once; only one that is still fetched has to be waited for.
      if ("keys" in set) {
        answerJwks(request, response, set);
        return;
      }
      set.then(
        (fetched) => answerJwks(request, response, fetched),
        (error: unknown) => answerError(response, error),
      );
      return;
    }
    otherRoutes().then(
      (routes) => routes(request, response),
      (error: unknown) => answerError(response, error),
    );
  };
  const server = await listenOnLoopback(port, () => new HttpAndHttpsServer(certificates, listener));

  return {
    url: `http://localhost:${server.port}`,
    port: server.port,
    hasServedJwks: () => hasServedJwks,
    caCertificate: async () => (await certificates()).ca,
    close: async (graceMs = defaultGraceMs) => {
      await followers.release(graceMs);
      await server.close();
    },
  };
}

/** Processes that share the issuer wait here for its end, to serve in its place. */
function createFollowers(): {
  follow: (request: IncomingMessage, response: ServerResponse) => void;
  release: (timeoutMs: number) => Promise<void>;
} {
  const waiting = new Set<{ response: ServerResponse; gone: Promise<void> }>();
  let isReleasing = false;
  return {
    follow: (request, response) => {
      // Who came now would not be waited for. It asks again, and meets whoever serves next.
      if (isReleasing) {
        refuse(response, 503, "ERR_ISSUER_CLOSING", "The local issuer is about to stop serving here.");
        return;
      }
      const gone = new Promise<void>((resolve) => request.socket.once("close", () => resolve()));
      const follower = { response, gone };
      waiting.add(follower);
      void gone.then(() => waiting.delete(follower));
      response.writeHead(200, { "content-type": "application/json" });
      response.flushHeaders();
    },
    release: async (timeoutMs) => {
      isReleasing = true;
      const left = [...waiting].map(({ response, gone }) => {
        // The first byte of the body says "closing"; the follower hangs up once nothing of its own relies on us.
        response.write("{}");
        return gone;
      });
      await settleWithin(left, timeoutMs, systemClock);
    },
  };
}

/** A set's bytes, made once as long as the set stays the same. */
function createJwksBytes(): (jwks: Jwks) => Buffer {
  let made: { readonly from: Jwks; readonly bytes: Buffer } | undefined;
  return (from) => {
    if (made?.from !== from) made = { from, bytes: Buffer.from(JSON.stringify(from)) };
    return made.bytes;
  };
}

function lazily(load: () => Promise<RequestListener>): () => Promise<RequestListener> {
  let loaded: Promise<RequestListener> | undefined;
  return () => (loaded ??= load());
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ errors: [{ code, message }] }));
}
