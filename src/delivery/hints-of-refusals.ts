/**
 * Hints for a handler that refuses a token which verifies here.
 * Source: the mistakes that people make most with Kinde's webhooks.
 */
import type { HintContext, HintFacts, HintRow } from "./hint-row.ts";

const issuerArgument = "decodeWebhook(body, process.env.KINDE_ISSUER_URL)";
const rawBody =
  'the raw body, as with express.text({ type: "application/jwt" }), and no JSON parser before it';

export const refusalHints: readonly HintRow[] = [
  {
    name: "unverified",
    answer: "400, 401, 403",
    meaning: "the token does not verify, and `--allow-unverified` let it in: the app is right",
    matches: (facts) => isRefusal(facts) && facts.context.unverified !== undefined,
    message: ({ context }) =>
      `this token does not verify (${context.unverified}), and --allow-unverified let it in: the app is right to refuse it`,
  },
  {
    name: "https-only",
    answer: "400",
    meaning: "that port speaks https: forward to `https://…`",
    matches: ({ status, text }) => status === 400 && /http request.*https (port|server)/i.test(text),
    message: ({ endpoint, context: { endpointOption } }) =>
      `this port speaks https: ${endpointOption} https://${endpoint.host}${endpointOption === "--forward" ? ", with --insecure if its certificate is your own" : ""}`,
  },
  {
    name: "issuer-elsewhere",
    answer: "400, 401, 403",
    meaning: "the app's `KINDE_ISSUER_URL` is an issuer, or a port, that does not have the key",
    matches: (facts) => isRefusal(facts) && isIssuerElsewhere(facts.context),
    message: ({ context }) => describeElsewhere(context),
  },
  {
    name: "json-parser",
    answer: "400, 422, 5xx",
    meaning: "it says that the body is no JSON: a parser got the token, which is text",
    matches: (facts) =>
      isFailure(facts) &&
      /not valid JSON|unexpected token\b.*JSON|JSON\.parse|(invalid|malformed) JSON|JSON (parse|decode) error/i.test(
        facts.text,
      ),
    message: () =>
      `a JSON parser got the body, and a webhook's is a bare JWT: take ${rawBody}. In a route handler: await request.text()`,
  },
  {
    name: "claim-asked",
    answer: "4xx, 5xx",
    meaning: "it asks for `iss`, `aud`, `exp` or `sub`: webhook tokens have none",
    matches: (facts) =>
      isFailure(facts) &&
      (/"(iss|aud|exp|sub|iat|nbf)\\?" claim/.test(facts.text) ||
        /jwt (issuer|audience|subject) invalid/.test(facts.text)),
    message: () =>
      "the app asks for a claim that no webhook of Kinde's has: verify the signature with the JWKS, and leave out issuer, audience and expiry",
  },
  {
    name: "header-asked",
    answer: "400, 401, 403",
    meaning: "it misses a signature header or a secret: Kinde sends none, the body itself is signed",
    matches: (facts) =>
      isRefusal(facts) && /signature header|missing.{0,12}signature|webhook.?secret|hmac/i.test(facts.text),
    message: ({ context }) =>
      `Kinde sends no signature header and has no webhook secret: the body is a JWT, which the JWKS of KINDE_ISSUER_URL=${context.localIssuer} verifies`,
  },
  {
    name: "key-missing",
    answer: "4xx, 5xx",
    meaning: "it found no such key: an app keeps the JWKS it got first, or asks elsewhere",
    matches: (facts) =>
      isFailure(facts) &&
      facts.context.unverified === undefined &&
      /no applicable key found|unable to find a signing key|no (matching|signing) key|kid.{0,20}not found/i.test(
        facts.text,
      ),
    message: ({ context }) =>
      `the JWKS that the app has lacks this key: does it run with KINDE_ISSUER_URL=${context.localIssuer}? An app that keeps the JWKS must be restarted when the project's key is new`,
  },
  {
    name: "bad-request",
    answer: "400",
    meaning: "no issuer as `decodeWebhook`'s second argument, the issuer not set, or a parsed body",
    matches: ({ status }) => status === 400,
    message: (facts) => unusualContentType(facts) + describeBadRequest(facts.context),
  },
  {
    name: "not-allowed",
    answer: "401, 403",
    meaning: "auth middleware, or a CSRF check, in front of the route: webhooks have no session",
    matches: isRefusal,
    message: (facts) =>
      `${unusualContentType(facts)}this token verifies here: does auth middleware, or a CSRF check, stand in front of the route? ` +
      "Webhooks have no session, no signature header, no iss and no aud to ask for. " +
      describeIssuer(facts.context),
  },
];

/** A handler may go by it, and Kinde's is always the same. */
export function unusualContentType({ attempt: { request } }: HintFacts): string {
  const type = request.headers["content-type"];
  return type === "application/jwt"
    ? ""
    : `the sender's content-type was ${type ?? "left out"}, where Kinde's is application/jwt; `;
}

function isRefusal({ status }: HintFacts): boolean {
  return status === 400 || status === 401 || status === 403;
}

function isFailure({ status }: HintFacts): boolean {
  return status !== null && status >= 400;
}

/** Whether the app's variable names an issuer that lacks the key of this event; not where it has shown otherwise. */
function isIssuerElsewhere({ appIssuer, hasFetchedJwks, localIssuer, signer }: HintContext): boolean {
  if (appIssuer === undefined || hasFetchedJwks === true) return false;
  if (!URL.canParse(appIssuer.value)) return true;
  const { origin, port } = new URL(appIssuer.value);
  // By whatever name: an app in a container has another for this machine.
  if (port === new URL(localIssuer).port) return false;
  return signer === undefined || origin !== new URL(signer).origin;
}

function describeElsewhere({ appIssuer, localIssuer, signer }: HintContext): string {
  const { value, origin } = appIssuer!;
  if (!URL.canParse(value)) {
    return `${origin} is ${JSON.stringify(value)}, which is no URL: the app needs one with its scheme, KINDE_ISSUER_URL=${localIssuer}`;
  }
  const whose =
    signer === undefined ? "this project's own key signed the event" : `${signer} signed the event`;
  const { protocol, hostname, port } = new URL(value);
  const isOtherPort = protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  return (
    `${origin} is ${value}, and ${whose}: the app finds that key at ${localIssuer}. ` +
    `Set KINDE_ISSUER_URL=${localIssuer}, or the variable that your webhook route reads, and restart the app` +
    (isOtherPort ? `, or serve the key where the app asks for it: --issuer-port ${port || "80"}` : "")
  );
}

function describeBadRequest(context: HintContext): string {
  const { hasFetchedJwks, localIssuer, signer, appIssuer } = context;
  const isKnownRight = appIssuer !== undefined && !isIssuerElsewhere(context);
  const restart = "An app that keeps the JWKS must be restarted when the project's key is new";
  if (hasFetchedJwks !== false || (signer !== undefined && isKnownRight)) {
    const issuer = isKnownRight
      ? `${appIssuer.origin}, ${appIssuer.value},`
      : `KINDE_ISSUER_URL=${localIssuer}`;
    return (
      `this token verifies here: does the handler pass ${rawBody}, and give ${issuer} to the verification, ` +
      `as in ${issuerArgument}? Webhook tokens have no iss, aud or exp to check. ${restart}`
    );
  }
  const either = signer === undefined ? "" : ` (or with ${signer}, for what Kinde signs)`;
  return (
    `this token verifies here, and your app has not fetched our JWKS: does it run with KINDE_ISSUER_URL=${localIssuer}${either}, ` +
    "and was it restarted since (plain node reads no .env file: node --env-file=.env)? Is the issuer the second argument, " +
    `${issuerArgument}? Does the handler get ${rawBody}?`
  );
}

function describeIssuer({ hasFetchedJwks, localIssuer }: HintContext): string {
  const issuer = `KINDE_ISSUER_URL=${localIssuer}`;
  return hasFetchedJwks === false
    ? `Your app has not fetched our JWKS: does it run with ${issuer}?`
    : `The app needs ${issuer}`;
}
