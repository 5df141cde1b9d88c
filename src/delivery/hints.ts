/**
 * What an answer probably means, for the developer whose webhook is refused.
 * Source: the mistakes that people make most with Kinde's webhooks; each row has a test.
 */
import type { VerificationErrorCode } from "../kinde/verify.ts";
import { deliveredStatus, type Attempt } from "./delivery.ts";

/** What is known of the app beside its answer. */
export interface HintContext {
  /** The URL that the app should have as its issuer: `http://localhost:4455`. */
  readonly localIssuer: string;
  /** Whether the JWKS was asked for since the issuer is served here; `undefined` when another process serves it. */
  readonly hasFetchedJwks: boolean | undefined;
  readonly expectedStatus: number;
  /** The option that gives the endpoint here. */
  readonly endpointOption: "--to" | "--webhook" | "--forward";
  /** The endpoint got a copy, of whose fate the sender does not hear. */
  readonly isCopy?: boolean;
  /** Why the token does not verify, if it was let in all the same. */
  readonly unverified?: VerificationErrorCode | undefined;
}

export interface Hint {
  /** A code where the answer deserves a warning of its own. */
  readonly code?: "WARN_NOT_200";
  readonly message: string;
}

const startAdvice = {
  "--to": " (--wait-on waits for it)",
  "--webhook": "",
  "--forward": "; Kinde tries again",
} as const;

/** The likely cause of an attempt that was not delivered and what to do, or `undefined` when nothing is known. */
export function hintFor(attempt: Attempt, context: HintContext): Hint | undefined {
  if (attempt.status === context.expectedStatus) return hintForDelivered(attempt, context);
  if (attempt.status === null) return hintForError(attempt, context);
  return hintForStatus(attempt.status, attempt, context);
}

/** Something answers every path with a page, as development servers do, and nobody has verified anything. */
function hintForDelivered(
  attempt: Attempt,
  { hasFetchedJwks, endpointOption }: HintContext,
): Hint | undefined {
  const { headers = {}, body = "" } = attempt.response ?? {};
  // Some frameworks call any text HTML.
  const isPage = headers["content-type"]?.startsWith("text/html") === true && /^\s*<[!a-z]/i.test(body);
  if (!isPage || hasFetchedJwks !== false) return undefined;
  return {
    message: `a web page was answered, and nobody asked for our JWKS: is this your handler? ${endpointOption} says where it is`,
  };
}

function hintForError(attempt: Attempt, { endpointOption, isCopy = false }: HintContext): Hint | undefined {
  const { host, href } = new URL(attempt.request.url);
  switch (attempt.error?.code) {
    case "ERR_CONNECTION_REFUSED":
      return {
        message:
          "is your app running, and on this port? Start it" +
          (isCopy ? "; a copy is not sent again for its own sake" : startAdvice[endpointOption]) +
          `, or say where it listens: ${endpointOption} http://localhost:3000/api/webhook`,
      };
    case "ERR_HOST_NOT_FOUND":
      return { message: `check the name in ${endpointOption}: ${host}` };
    case "ERR_TIMEOUT":
      return {
        message:
          "the handler took the request and did not answer: does every path through it send a response? --timeout gives it longer",
      };
    case "ERR_CONNECTION_CLOSED":
      return {
        message:
          "the app ended the connection without a whole answer: it may have crashed or restarted (see its own output), or speak https",
      };
    case "ERR_TLS":
      return {
        message: `does the app speak plain http? Try ${endpointOption} ${href.replace(/^https:/, "http:")}. If it is https: Node must trust its certificate; ${endpointOption === "--forward" ? "--insecure takes any" : "NODE_EXTRA_CA_CERTS adds one"}`,
      };
    default:
      return undefined;
  }
}

/** A handler may go by it, and Kinde's is always the same. */
function unusualContentType({ request }: Attempt): string {
  const type = request.headers["content-type"];
  return type === "application/jwt"
    ? ""
    : `the sender's content-type was ${type ?? "left out"}, where Kinde's is application/jwt; `;
}

function hintForStatus(status: number, attempt: Attempt, context: HintContext): Hint | undefined {
  if (status === deliveredStatus) {
    return { message: `Kinde takes 200 as delivered; ${context.expectedStatus} was expected here` };
  }
  if (status >= 200 && status < 300) {
    return {
      code: "WARN_NOT_200",
      message: `whether Kinde takes ${status} as delivered is not known; it documents only 200. Answer 200`,
    };
  }
  if (status >= 300 && status < 400 && status !== 304) {
    const location = attempt.response?.headers["location"];
    const { pathname } = new URL(attempt.request.url);
    if (location !== undefined && URL.canParse(location, attempt.request.url)) {
      const { pathname: next } = new URL(location, attempt.request.url);
      if (next === `${pathname}/` || `${next}/` === pathname) {
        return {
          message: `the route redirects to ${next}, with or without a slash at its end: give that path to Kinde, or with ${context.endpointOption}`,
        };
      }
    }
    return {
      message: `the route redirects${location === undefined ? "" : ` to ${location}`}: does auth middleware stand in front of it? Kinde does not count a redirect as delivered`,
    };
  }
  if (status === 400 || status === 401 || status === 403) {
    if (context.unverified !== undefined) {
      const why = `this token does not verify (${context.unverified}), and --allow-unverified let it in`;
      return { message: `${why}: the app is right to refuse it` };
    }
    const hint = hintForRefusal(status, context);
    return { ...hint, message: unusualContentType(attempt) + hint.message };
  }
  const byStatus: Readonly<Record<number, string>> = {
    404: `no route answers ${new URL(attempt.request.url).pathname}: give the handler's path with ${context.endpointOption}`,
    405: "the route exists, but not for POST",
    413: "the app's body limit is below the size of the token",
    415: `${unusualContentType(attempt)}a body parser refuses application/jwt: take the raw body as text on this route`,
  };
  if (byStatus[status] !== undefined) return { message: byStatus[status] };
  return status >= 500
    ? {
        message:
          "the handler failed: see your app's own output. An event type it does not handle should be answered 200 too",
      }
    : undefined;
}

function hintForRefusal(status: number, { hasFetchedJwks, localIssuer }: HintContext): Hint {
  const issuer = `KINDE_ISSUER_URL=${localIssuer}`;
  if (status === 401 || status === 403) {
    return {
      message:
        "this token verifies here: does auth middleware, or a CSRF check, stand in front of the route? Webhooks have no session, " +
        `no signature header, no iss and no aud to ask for. ${hasFetchedJwks === false ? `Your app has not fetched our JWKS: does it run with ${issuer}?` : `The app needs ${issuer}`}`,
    };
  }
  if (hasFetchedJwks === false) {
    return {
      message:
        `this token verifies here, and your app has not fetched our JWKS: does it run with ${issuer} (plain node ` +
        "reads no .env file: node --env-file=.env), and was it restarted since? Does the handler get the raw body, as " +
        'with express.text({ type: "application/jwt" }), and no JSON parser before it?',
    };
  }
  return {
    message:
      "this token verifies here: does the handler pass the raw body (no JSON parser in front), and the issuer " +
      `${issuer}, to the verification? Webhook tokens have no iss, aud or exp to check. An app that keeps the JWKS ` +
      "must be restarted when the project's key is new",
  };
}
