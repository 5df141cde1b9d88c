// The way from here: what `emit` signs with the project's own key.
import { deepStrictEqual, strictEqual } from "node:assert";
import { cliPath, startNode } from "../helpers/processes.mjs";
import { assertReceived, check } from "./checks.mjs";
import { readKeyId } from "./token.mjs";

/**
 * Every event type by the command line, to its end.
 * @param {string[]} args of `kinde-devhook emit`
 * @returns the `delivery` records, each with its token
 */
export async function emitAll({ directory, environment }, args) {
  const emit = startNode([cliPath, "emit", "--json", "--json-token", ...args], {
    cwd: directory,
    env: environment,
  });
  const { code, lines, errors } = await emit.ended;
  const records = lines.map((line) => JSON.parse(line));
  const deliveries = records.filter(({ record }) => record === "delivery");
  if (deliveries.length === 0) throw new Error(`emit delivered nothing (exit ${code}): ${errors.trim()}`);
  check("emit ends well", () => strictEqual(code, 0, `it exited with ${code}`));
  check("emit counts right", () => {
    const { total, delivered, failed } = records.find(({ record }) => record === "summary");
    const counts = [total, delivered, failed];
    const { length } = deliveries;
    deepStrictEqual(counts, [length, length, 0], `${length} records, but it counts ${counts.join(", ")}`);
  });
  return deliveries;
}

/**
 * The app has the event as it was emitted.
 * @returns whether all of it holds
 */
export function checkEmitted(fixture, delivery, { received, ready, kid, endpoint }) {
  const { type } = fixture;
  return check(`${type}, emitted, is verified and accepted as it was signed`, () => {
    strictEqual(delivery?.attempts.length, 1, `it was attempted ${delivery?.attempts.length ?? 0} times`);
    const [{ status, error }] = delivery.attempts;
    strictEqual(status, 200, `the app answered ${status ?? error?.code}`);
    strictEqual(readKeyId(delivery.token), kid, "another key than the project's signed it");
    assertReceived(fixture, delivery, received);
    deepStrictEqual(
      {
        direction: delivery.direction,
        state: delivery.state,
        endpoint: delivery.endpoint,
        verification: delivery.verification,
      },
      {
        direction: "emitted",
        state: "delivered",
        endpoint,
        verification: { status: "verified", kid, issuer: ready.localIssuer },
      },
      `the record says other things: ${JSON.stringify(delivery)}`,
    );
  });
}
