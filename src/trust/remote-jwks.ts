/**
 * The keys of a real issuer: fetched when first needed, kept, refreshed hourly and for a key id not known,
 * dropped when the issuer no longer lists them.
 */
import type { KeyObject } from "node:crypto";
import { DevhookError } from "../kinde/errors.ts";
import {
  importKeys,
  InvalidJwksError,
  jwksPaths,
  parseJwks,
  type Jwks,
  type KeySource,
} from "../kinde/jwks.ts";
import {
  createOptionReader,
  isAbortSignal,
  isText,
  isWait,
  parseOption,
  parseOptions,
} from "../kinde/parse-option.ts";
import { RequestError } from "../net/request-error.ts";
import { request, type Response } from "../net/request.ts";
import { parseIssuer } from "./issuer-url.ts";

export interface RemoteJwksOptions {
  /** Epoch milliseconds. Default: the system's clock. */
  readonly now?: (() => number) | undefined;
  /** How long fetching the set may take. Default 3 s: a sender waits for it. */
  readonly timeoutMs?: number | undefined;
  /** Ends requests that are under way. */
  readonly signal?: AbortSignal | undefined;
}

/** The keys of an issuer elsewhere. */
export interface RemoteJwks extends KeySource {
  /** Whether the set at hand has a key id; nothing is fetched. */
  has(kid: string): boolean;
  /**
   * The whole set, fetched unless a fresh one is at hand.
   * @throws {DevhookError} `ERR_JWKS_UNREACHABLE` or `ERR_JWKS_INVALID` when it can't be had
   */
  jwks(): Promise<Jwks>;
}

/** The issuer's JWKS can't be had. */
export class JwksUnreachableError extends DevhookError {
  override readonly code = "ERR_JWKS_UNREACHABLE";
  override readonly exitCode = 3;
  constructor(issuer: string, cause: string) {
    super(
      `Failed to fetch the JWKS of ${issuer}: ${cause}. Check the issuer's name and this machine's network.`,
    );
  }
}

interface KeptJwks {
  readonly jwks: Jwks;
  readonly keys: ReadonlyMap<string, KeyObject>;
  /** Epoch milliseconds. */
  readonly fetchedAt: number;
}

const refreshAfterMs = 60 * 60 * 1000;
const keepAtMostMs = 24 * 60 * 60 * 1000;
// An unknown key id costs the issuer a request; who sends us made-up ids must not make us a nuisance.
const refreshAtMostEveryMs = 5_000;
// An issuer that can't be reached is not asked at every webhook while a good set is at hand.
const retryStaleAfterMs = 60_000;
const maxJwksBytes = 1 << 20;

/**
 * A key source over the JWKS of an issuer.
 * @param issuer `https://acme.kinde.com`; plain http on loopback only
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` for another kind of URL
 */
export function createRemoteJwks(issuer: string, options: RemoteJwksOptions = {}): RemoteJwks {
  const { now = Date.now, timeoutMs = 3_000, signal } = readOptions(options);
  const url = parseIssuer(
    parseOption("issuer", issuer, "an issuer, as in https://acme.kinde.com", isText),
    "issuer",
  );
  let kept: KeptJwks | undefined;
  let triedAt = -Infinity;
  let failure: unknown;
  let refreshing: Promise<void> | undefined;

  const refresh = async (): Promise<void> => {
    triedAt = now();
    try {
      const jwks = await fetchJwks(url, timeoutMs, signal);
      kept = { jwks, keys: importKeys(jwks), fetchedAt: now() };
      failure = undefined;
    } catch (error) {
      failure = error;
    }
  };
  /** One refresh at a time, and none soon after the last. */
  const refreshUnlessTried = async (withinMs: number): Promise<void> => {
    if (refreshing === undefined && now() - triedAt < withinMs) return;
    refreshing ??= refresh().finally(() => (refreshing = undefined));
    await refreshing;
  };

  /** The set at hand, after a refresh if it is due. @param isKnown whether a set has what is looked for */
  const freshen = async (isKnown: (set: KeptJwks) => boolean): Promise<KeptJwks | undefined> => {
    if (kept === undefined || !isKnown(kept)) await refreshUnlessTried(refreshAtMostEveryMs);
    else if (now() - kept.fetchedAt >= refreshAfterMs) await refreshUnlessTried(retryStaleAfterMs);
    // A failed refresh keeps the last good set, but not for ever: the issuer may have withdrawn a key meanwhile.
    if (kept !== undefined && now() - kept.fetchedAt >= keepAtMostMs) kept = undefined;
    return kept;
  };

  return {
    issuer: url,
    has: (kid) => kept?.keys.has(kid) === true,
    jwks: async () => {
      const set = await freshen(() => true);
      if (set === undefined) throw failure;
      return set.jwks;
    },
    keyFor: async (kid) => {
      const key = (await freshen(({ keys }) => keys.has(kid)))?.keys.get(kid);
      // Without an answer of the issuer nobody knows that a key id is unknown.
      if (key === undefined && failure !== undefined) throw failure;
      return key;
    },
  };
}

/** What a caller without types gives: a limit that is misspelt would be none. */
function readOptions(options: unknown): RemoteJwksOptions {
  const of = "createRemoteJwks";
  const read = createOptionReader(parseOptions(options, of, ["now", "timeoutMs", "signal"]), of);
  return {
    now: read("now", "a function that gives epoch milliseconds", isClock),
    timeoutMs: read("timeoutMs", "milliseconds from 1 to 3600000", isWait),
    signal: read("signal", "an AbortSignal", isAbortSignal),
  };
}

function isClock(value: unknown): value is () => number {
  return typeof value === "function";
}

async function fetchJwks(issuer: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<Jwks> {
  const deadline = performance.now() + timeoutMs;
  let response: Response | undefined;
  for (const path of jwksPaths) {
    response = await get(issuer, path, Math.max(deadline - performance.now(), 1), signal);
    if (response.status === 200) break;
  }
  if (response?.status !== 200) throw new JwksUnreachableError(issuer, `it answers ${response?.status}`);
  if (response.isTruncated) throw new InvalidJwksError(issuer, "it is larger than 1 MiB");
  let value: unknown;
  try {
    value = JSON.parse(response.body.toString());
  } catch {
    throw new InvalidJwksError(issuer, "the answer is no JSON");
  }
  return parseJwks(value, issuer);
}

async function get(
  issuer: string,
  path: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Response> {
  try {
    return await request(new URL(issuer + path), {
      method: "GET",
      headers: { accept: "application/json" },
      timeoutMs,
      maxBodyBytes: maxJwksBytes,
      ...(signal !== undefined && { signal }),
    });
  } catch (error) {
    if (error instanceof RequestError) throw new JwksUnreachableError(issuer, error.message);
    throw error;
  }
}
