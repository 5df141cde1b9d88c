/** Reading the values of options: every one names what it expected and what it got. */
import { readDuration } from "../kinde/duration.ts";
import { InvalidOptionError } from "../kinde/errors.ts";

/** @returns a reader of whole numbers within bounds */
export function wholeNumber(min: number, max: number): (text: string, option: string) => number {
  return (text, option) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidOptionError(option, `a whole number from ${min} to ${max}`, quote(text));
  };
}

/** Milliseconds of `30s`, `500ms`, `2m` or bare seconds; at least one millisecond, at most an hour. */
export function duration(text: string, option: string): number {
  const milliseconds = readMilliseconds(text);
  if (milliseconds >= 1 && milliseconds <= 3_600_000) return milliseconds;
  throw new InvalidOptionError(option, "a time from 1ms to 60m, as in 30s", quote(text));
}

/** Milliseconds as of `duration`, of 0 for none up to a minute: who calls gives up after that. */
export function holdTime(text: string, option: string): number {
  const milliseconds = readMilliseconds(text);
  if (milliseconds >= 0 && milliseconds <= 60_000) return milliseconds;
  throw new InvalidOptionError(option, "a time up to 60s, as in 10s, or 0 for none", quote(text));
}

const datePattern = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/;

/** Epoch milliseconds of a time ago (`30m`, `2h`, `3d`), a day or a moment (`2026-01-02`, `2026-01-02T14:00`), by the clock here. */
export function pastTime(text: string, option: string): number {
  const ago = readDuration(text);
  // By itself, JavaScript reads a day as that of UTC.
  const time = text.length === "2026-01-02".length ? `${text}T00:00` : text;
  const at = ago !== undefined ? Date.now() - ago : datePattern.test(text) ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(at)) {
    throw new InvalidOptionError(
      option,
      "how long ago, as in 30m, 2h or 3d, or a date, as in 2026-01-02 or 2026-01-02T14:00",
      quote(text),
    );
  }
  if (at <= Date.now()) return at;
  throw new InvalidOptionError(option, "a time that has been", quote(text));
}

/** Not a number when it is no time. */
function readMilliseconds(text: string): number {
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  return Number(amount) * { ms: 1, s: 1_000, m: 60_000 }[unit as "ms" | "s" | "m"];
}

/** How many times as fast as the clock: above 0, up to a million. */
export function speed(text: string, option: string): number {
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && value <= 1_000_000) return value;
  throw new InvalidOptionError(
    option,
    "a number above 0, up to 1000000, as in 60",
    quote(text),
    "At 60, an hour between two attempts takes a minute.",
  );
}

/** Events per second of `5`, `5/s` or `30/m`. */
export function rate(text: string, option: string): number {
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)(?:\/(s|m))?$/.exec(text) ?? [];
  const perSecond = Number(amount) / (unit === "m" ? 60 : 1);
  if (perSecond > 0 && perSecond <= 100_000) return perSecond;
  throw new InvalidOptionError(option, "a rate up to 100000/s, as in 5/s or 30/m", quote(text));
}

/** A text that is not empty. */
export function nonEmpty(value: string, option: string): string {
  if (value !== "") return value;
  throw new InvalidOptionError(option, "a value", "nothing");
}

/** `id:secret` of an application. The error does not repeat what may be a secret. */
export function clientCredentials(
  text: string,
  option: string,
): { readonly id: string; readonly secret: string } {
  const [, id, secret] = /^([^:\s]+):(\S+)$/.exec(text) ?? [];
  if (id !== undefined && secret !== undefined) return { id, secret };
  throw new InvalidOptionError(
    option,
    "id:secret, as in my-app:my-secret",
    text === "" ? "nothing" : "something else",
  );
}

/** A value that HTTP allows in a header, without spaces. */
export function headerValue(value: string, option: string): string {
  if (/^[\x21-\x7e]{1,256}$/.test(value)) return value;
  throw new InvalidOptionError(option, "1 to 256 visible ASCII characters", quote(value));
}

/** A URL of http or https that is a scheme, a host and a port; a bare host becomes https. */
export function originUrl(text: string, option: string): URL {
  const full = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  const url = text !== "" && URL.canParse(full) ? new URL(full) : undefined;
  // `https:///x` would be the host x.
  const isOrigin =
    url !== undefined &&
    !/^[/\\]/.test(text) &&
    /^https?:$/.test(url.protocol) &&
    url.href === `${url.origin}/` &&
    url.hostname !== "";
  if (isOrigin) return url;
  throw new InvalidOptionError(option, "a URL without a path, as in https://hooks.example.com", quote(text));
}

// RFC 9110, section 5.1; and the headers that a message has of its own.
const headerPattern = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?$/;
const ownHeaders = ["host", "content-length", "transfer-encoding", "connection"];

/** A header, as in `X-Env: dev`. */
export function headerLine(text: string, option: string): readonly [name: string, value: string] {
  const [, name, value = ""] = headerPattern.exec(text) ?? [];
  if (name === undefined) throw new InvalidOptionError(option, "a header, as in 'X-Env: dev'", quote(text));
  if (!ownHeaders.includes(name.toLowerCase())) return [name, value];
  throw new InvalidOptionError(option, `another header than ${ownHeaders.join(", ")}`, quote(text));
}

/** @returns a reader of one of several words */
export function oneOf<Word extends string>(
  ...words: readonly Word[]
): (text: string, option: string) => Word {
  return (given, option) => {
    const word = words.find((known) => known === given);
    if (word !== undefined) return word;
    throw new InvalidOptionError(option, words.join(", "), quote(given));
  };
}

function quote(value: string): string {
  return value === "" ? "nothing" : JSON.stringify(value);
}
