/** Hints for answers that do not come from a verification: another status than Kinde takes, or not the handler at all. */
import { errorLine } from "./answer-text.ts";
import { deliveredStatus } from "./delivery.ts";
import type { HintFacts, HintRow } from "./hint-row.ts";
import { unusualContentType } from "./hints-of-refusals.ts";

export const answerHints: readonly HintRow[] = [
  {
    name: "page",
    answer: "200, a web page",
    meaning: "something answers every path with a page, and nobody verified anything: not your handler",
    isOfDelivered: true,
    matches: isUnverifiedPage,
    message: ({ context: { endpointOption } }) =>
      `a web page was answered, and nobody asked for our JWKS: is this your handler? ${endpointOption} says where it is`,
  },
  {
    name: "other-status",
    answer: "200",
    meaning: "another status was expected: `--expect`",
    matches: is(deliveredStatus),
    message: ({ context }) => `Kinde takes 200 as delivered; ${context.expectedStatus} was expected here`,
  },
  {
    name: "not-200",
    answer: "201, 204 …",
    meaning: "whether Kinde takes it as delivered is not known: answer 200",
    code: "WARN_NOT_200",
    matches: between(201, 299),
    message: ({ status }) =>
      `whether Kinde takes ${status} as delivered is not known; it documents only 200. Answer 200`,
  },
  {
    name: "slash",
    answer: "3xx",
    meaning: "the route wants a slash at its end, or none",
    matches: (facts) => isRedirect(facts) && isOnlySlash(facts),
    message: (facts) =>
      `the route redirects to ${locationOf(facts)!.pathname}, with or without a slash at its end: give that path to Kinde, or with ${facts.context.endpointOption}`,
  },
  {
    name: "to-https",
    answer: "3xx",
    meaning: "the app sends plain http to its https: forward there",
    matches: (facts) =>
      isRedirect(facts) &&
      facts.endpoint.protocol === "http:" &&
      locationOf(facts)?.protocol === "https:" &&
      locationOf(facts)?.hostname === facts.endpoint.hostname,
    message: (facts) =>
      `the app sends plain http on to https, and Kinde counts no redirect as delivered: ${facts.context.endpointOption} ${locationOf(facts)!.href}`,
  },
  {
    name: "redirect",
    answer: "3xx",
    meaning: "auth middleware sends the request to a login: leave the webhook's route out of it",
    matches: isRedirect,
    message: ({ attempt: { response } }) => {
      const location = response?.headers["location"];
      return (
        `the route redirects${location === undefined ? "" : ` to ${location}`}: does auth middleware stand in front of it? ` +
        "Leave this route out of it: Kinde does not count a redirect as delivered"
      );
    },
  },
  {
    name: "no-route",
    answer: "404",
    meaning: "no handler at that path: give its path",
    matches: is(404),
    message: ({ endpoint, context: { endpointOption } }) =>
      `no route answers ${endpoint.pathname}: give the handler's path with ${endpointOption}`,
  },
  {
    name: "no-post",
    answer: "405",
    meaning: "the route exists, but not for POST",
    matches: is(405),
    message: () => "the route exists, but not for POST: in Next.js, does route.ts export POST?",
  },
  {
    name: "body-timeout",
    answer: "408",
    meaning: "the app waited for a body that something in front had read",
    matches: is(408),
    message: () =>
      "the app waited for a body that did not come: has a middleware in front read it, and left the handler nothing?",
  },
  {
    name: "too-large",
    answer: "413",
    meaning: "the app's body limit is below the size of the token",
    matches: is(413),
    message: () => "the app's body limit is below the size of the token",
  },
  {
    name: "media-type",
    answer: "415",
    meaning: "a body parser refuses `application/jwt`: take it as text",
    matches: is(415),
    message: (facts) =>
      `${unusualContentType(facts)}a body parser refuses application/jwt: take the raw body as text on this route`,
  },
  {
    name: "body-schema",
    answer: "422",
    meaning: "the framework checks the body against a schema: take the raw one",
    matches: is(422),
    message: () =>
      "the framework checks the body against a schema before the handler gets it, and a webhook's is a bare JWT: take the raw body",
  },
  {
    name: "upgrade",
    answer: "426",
    meaning: "that port takes WebSockets alone, as of a dev server's reloading",
    matches: is(426),
    message: ({ endpoint, context: { endpointOption } }) =>
      `port ${endpoint.port || "80"} takes WebSockets alone, as dev servers have one to reload pages: ${endpointOption} with the app's own port`,
  },
  {
    name: "too-many",
    answer: "429",
    meaning: "a rate limit counts webhooks as one caller: leave the route out of it",
    matches: is(429),
    message: () =>
      "a rate limit stands in front of the route: all webhooks come from one caller, and a refused one is tried again. Leave this route out of it",
  },
  {
    name: "no-post-at-all",
    answer: "501",
    meaning: "a server of static files, which knows no POST: not your app",
    matches: is(501),
    message: ({ endpoint, context: { endpointOption } }) =>
      `what listens at ${endpoint.host} knows no POST, as servers of static files: is it your app? ${endpointOption} says where that is`,
  },
  {
    name: "proxy",
    answer: "502, 503, 504",
    meaning: "a proxy in front, of a dev server or nginx, answers for an app that is down or slow",
    matches: between(502, 504),
    message: (facts) =>
      `${describeError(facts)}does a proxy in front (a dev server's, nginx) answer for an app that is down or slow? ` +
      `${facts.context.endpointOption} can name the app's own port. If it is the app that answers: see your app's own output`,
  },
  {
    name: "failed",
    answer: "5xx",
    meaning: "the handler threw: the hint quotes the error, where its answer has one",
    matches: between(500, 999),
    message: (facts) =>
      `the handler failed: ${describeError(facts)}see your app's own output. An event type it does not handle should be answered 200 too`,
  },
];

function is(status: number): HintRow["matches"] {
  return between(status, status);
}

function between(least: number, most: number): HintRow["matches"] {
  return ({ status }) => status !== null && status >= least && status <= most;
}

/** Something answers every path with a page, as development servers do, and nobody has verified anything. */
function isUnverifiedPage({ attempt, context: { hasFetchedJwks } }: HintFacts): boolean {
  if (hasFetchedJwks !== false) return false;
  const { headers = {}, body = "" } = attempt.response ?? {};
  // Some frameworks call any text HTML.
  return headers["content-type"]?.startsWith("text/html") === true && /^\s*<[!a-z]/i.test(body);
}

function isRedirect(facts: HintFacts): boolean {
  return between(300, 399)(facts) && facts.status !== 304;
}

function locationOf({ attempt: { response }, endpoint }: HintFacts): URL | undefined {
  const location = response?.headers["location"];
  return location !== undefined && URL.canParse(location, endpoint.href)
    ? new URL(location, endpoint)
    : undefined;
}

function isOnlySlash(facts: HintFacts): boolean {
  const next = locationOf(facts)?.pathname;
  const { pathname } = facts.endpoint;
  return next === `${pathname}/` || (next !== undefined && `${next}/` === pathname);
}

/** What the answer says went wrong; nothing where its text begins with that, for its beginning is shown already. */
function describeError({ attempt: { response }, text }: HintFacts): string {
  const line = errorLine(response?.body ?? "");
  return line === undefined || text.startsWith(line.replace(/…$/, "")) ? "" : `${JSON.stringify(line)}; `;
}
