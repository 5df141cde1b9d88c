import { sign } from "node:crypto";
import { promisify } from "node:util";
import { createEvent, createSigningKey, signEvent } from "../../dist/index.js";
import { countPerSecond } from "./per-second.mjs";
import { compare, runRounds, typical } from "./rounds.mjs";

const total = 250;
const signBytes = promisify(sign);

/** Events made and signed per second, at several concurrencies. */
export async function measureSigning() {
  const key = await createSigningKey();
  const makeToken = () => {
    const event = createEvent("user.created");
    return signEvent(event, key);
  };
  const token = await makeToken();
  const input = Buffer.from(token.slice(0, token.lastIndexOf(".")));

  const figures = [];
  for (const concurrency of [8, 1]) {
    const rounds = await runRounds(50, {
      events: () => countPerSecond(makeToken, { total, concurrency }),
      bare: () => countPerSecond(() => signBytes("sha256", input, key.privateKey), { total, concurrency }),
    });
    figures.push({
      what: `events made and signed/s, ${concurrency} at once`,
      yardstick: `crypto.sign of the same bytes (${typical(rounds, "bare").toFixed(0)}/s)`,
      ratio: compare(rounds, "events", "bare"),
      atLeast: 0.85,
    });
  }
  return figures;
}
