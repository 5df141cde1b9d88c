/** How far this machine's clock is off, by what servers elsewhere say of the time. */
import type { Answer, Ask } from "./ask.ts";
import { fail, pass, skip, warn, type Finding } from "./finding.ts";

const secondMs = 1_000;
const warnAboveMs = 60 * secondMs;
// Handlers that refuse old events, and verifiers of tokens, allow five minutes at most.
const failAboveMs = 5 * 60 * secondMs;

/** @param urls of different servers */
export async function checkClock(urls: readonly URL[], ask: Ask): Promise<Finding> {
  const readings = await Promise.all(
    urls.map(async (url) => {
      const skewMs = await ask(url).then(skewOf, () => undefined);
      return skewMs === undefined ? [] : [{ host: url.host, skewMs }];
    }),
  );
  // Where they differ it is a server's clock that is wrong: the one that agrees best with ours is believed.
  const [best] = readings.flat().toSorted((a, b) => Math.abs(a.skewMs) - Math.abs(b.skewMs));
  if (best === undefined) return skip("no server could be asked for the time");
  const offMs = Math.abs(best.skewMs);
  if (offMs <= warnAboveMs) {
    return pass(`agrees with that of ${best.host}${offMs === 0 ? "" : ` to ${formatSkew(offMs)}`}`);
  }
  const way = best.skewMs > 0 ? "ahead of" : "behind";
  const found = `this machine's clock is ${formatSkew(offMs)} ${way} that of ${best.host}`;
  const advice = "Have the system set its time by the network (NTP).";
  return offMs > failAboveMs
    ? fail("ERR_CLOCK_SKEW", found, `${advice} Tokens and events are judged by it.`)
    : warn("WARN_CLOCK_SKEW", found, advice);
}

/**
 * How far our clock is ahead, at the least: `Date` has whole seconds, and the answer was made at some moment between our
 * asking and its arrival. A cache says in `Age` how old its copy is (RFC 9111, section 4.2.3).
 * @returns milliseconds, negative when it is behind; `undefined` when the answer does not tell
 */
function skewOf({ response, askedAt, answeredAt }: Answer): number | undefined {
  const date = Date.parse(response.headers["date"] ?? "");
  if (Number.isNaN(date)) return undefined;
  const age = Number.parseInt(response.headers["age"] ?? "", 10);
  const earliest = date + (Number.isNaN(age) ? 0 : age * secondMs);
  const latest = earliest + (Number.isNaN(age) ? 1 : 2) * secondMs;
  if (askedAt > latest) return askedAt - latest;
  return answeredAt < earliest ? answeredAt - earliest : 0;
}

function formatSkew(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / secondMs);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
