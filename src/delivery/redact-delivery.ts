/** A delivery without its token, and without what it tells of a person: what `--redact` shows and keeps. */
import { isJsonObject, type JsonObject } from "../kinde/json.ts";
import { maskClaims, type MaskedClaims } from "../kinde/mask-claims.ts";
import { maskPatterns, type TextMask } from "../kinde/text-mask.ts";
import { readClaims } from "../kinde/verify.ts";
import type { Attempt, Delivery } from "./delivery.ts";

const redacted = new WeakMap<Delivery, Delivery>();

/**
 * The delivery as it may be shown and kept; ids, the event's type and times stay. One that is redacted already comes
 * back as it is. History, terminal and others ask for the same one after the other: it is made once.
 */
export function redactDelivery(delivery: Delivery): Delivery {
  if (delivery.isRedacted === true && delivery.token === "") return delivery;
  let found = redacted.get(delivery);
  if (found === undefined) {
    found = redact(delivery);
    redacted.set(delivery, found);
  }
  return found;
}

function redact(delivery: Delivery): Delivery {
  const { claims, maskText } = maskedOf(delivery.token);
  const { claims: _, ...rest } = delivery;
  return {
    ...rest,
    endpoint: maskUrl(delivery.endpoint, maskText),
    token: "",
    isRedacted: true,
    ...(claims !== undefined && { claims }),
    attempts: delivery.attempts.map((attempt) => redactAttempt(attempt, maskText)),
  };
}

function redactAttempt(attempt: Attempt, maskText: TextMask): Attempt {
  const { error, request, response } = attempt;
  return {
    ...attempt,
    error: error === null ? null : { ...error, message: maskText(error.message) },
    request: {
      ...request,
      url: maskUrl(request.url, maskText),
      headers: maskHeaders(request.headers, maskText),
    },
    response:
      response === null
        ? null
        : {
            ...response,
            headers: maskHeaders(response.headers, maskText),
            body: maskText(response.body, response.truncated),
          },
  };
}

function maskHeaders(headers: Attempt["request"]["headers"], maskText: TextMask): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, maskText(value)]));
}

/** Its path, query and fragment are masked. Where it leads is the developer's own, and it has to stay a URL, if it is one. */
function maskUrl(url: string, maskText: TextMask): string {
  // From a file, which anybody may have edited.
  if (!URL.canParse(url)) return maskText(url);
  const { origin } = new URL(url);
  return `${origin}/${maskText(url.slice(origin.length + 1))}`;
}

type Masked = Pick<MaskedClaims, "maskText"> & { readonly claims: JsonObject | undefined };

// Those whose attempts are under way: each is asked for when one begins and when it ends.
const capacity = 16;
const maskedByToken = new Map<string, Masked>();

function maskedOf(token: string): Masked {
  let masked = maskedByToken.get(token);
  if (masked === undefined) {
    masked = readMasked(token);
    maskedByToken.set(token, masked);
    const [oldest] = maskedByToken.keys();
    if (maskedByToken.size > capacity && oldest !== undefined) maskedByToken.delete(oldest);
  }
  return masked;
}

function readMasked(token: string): Masked {
  // However deep they are: what is too deep is masked as a whole.
  const claims = readClaims(token);
  if (isJsonObject(claims)) return maskClaims(claims);
  // No token at all (`--allow-unverified`): what it tells is not kept, and looked for in what the app says.
  const { maskText } = maskClaims(readObject(token));
  return { claims: undefined, maskText: token === "" ? maskPatterns : maskText };
}

function readObject(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
