/**
 * The local issuer: the JWKS that verifies what is emitted here, discovery, and the control API.
 * The JWKS is answered from bytes made once for each set; everything else is Express, loaded when first asked for.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { jwksPaths, type Jwks } from "../kinde/jwks.ts";
import { HttpAndHttpsServer } from "../net/http-and-https-server.ts";
import { listenOnLoopback } from "../net/listen.ts";
import type { LocalCertificates } from "../net/local-certificates.ts";
import { processCertificates } from "../net/process-certificates.ts";
import { upgradingOnly } from "../net/upgrading-only.ts";
import { createFollowers } from "./followers.ts";
import { allowLoopbackOrigin, hasLoopbackHost } from "./guard.ts";
import { createInspectorGate, type InspectorHandler } from "./inspector-gate.ts";
import { loadOnce } from "./load-once.ts";
import { foreignHost, refuse } from "./refuse.ts";
import { pathOf, toOriginForm } from "./request-path.ts";
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
  /** Called at the first request for the inspector. Without it there is none. */
  readonly inspector?: (() => Promise<InspectorHandler>) | undefined;
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
  const inspector =
    options.inspector === undefined ? undefined : createInspectorGate(options.inspector, control.token);
  const otherRoutes = loadOnce(async () => {
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
    refuse(response, { status: 500, code: "ERR_INTERNAL", message: String(error) });

  const listener: RequestListener = (request, response) => {
    if (!hasLoopbackHost(request)) {
      refuse(response, foreignHost);
      return;
    }
    request.url = toOriginForm(request.url ?? "/");
    const path = pathOf(request);
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
    if (inspector?.has(path) === true) {
      inspector.answer(request, response);
      return;
    }
    otherRoutes().then(
      (routes) => routes(request, response),
      (error: unknown) => answerError(response, error),
    );
  };
  const server = await listenOnLoopback(port, () => {
    if (inspector === undefined) return new HttpAndHttpsServer(certificates, listener);
    const serverOptions = { IncomingMessage: upgradingOnly(inspector.isLive) };
    return new HttpAndHttpsServer(certificates, listener, serverOptions).on("upgrade", inspector.upgrade);
  });

  return {
    url: `http://localhost:${server.port}`,
    port: server.port,
    hasServedJwks: () => hasServedJwks,
    caCertificate: async () => (await certificates()).ca,
    close: async (graceMs = defaultGraceMs) => {
      await followers.release(graceMs);
      inspector?.close();
      await server.close();
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
