// Once more from the history: one webhook of Kinde's is replayed, and all that was delivered is listed.
import { deepStrictEqual, notStrictEqual, strictEqual } from "node:assert";
import { cliPath, startNode } from "../helpers/processes.mjs";
import { assertReceived, assertRecorded, check } from "./checks.mjs";

/**
 * `kinde-devhook replay` of one event, to its end.
 * @param {string} eventId
 * @param {string[]} args more of them
 * @returns the `replay` record, and the `delivery` record after the answer
 */
export async function replayOne(project, eventId, args) {
  const records = await run(project, ["replay", eventId, ...args]);
  check("replay sends one webhook, and has nothing to warn of", () =>
    deepStrictEqual(
      records.map(({ record }) => record),
      ["replay", "delivery", "summary", "exit"],
    ),
  );
  const [replay, delivery] = ["replay", "delivery"].map((kind) =>
    records.find(({ record }) => record === kind),
  );
  if (delivery === undefined) throw new Error(`replay sent nothing: ${JSON.stringify(records)}`);
  return { replay, delivery };
}

/** @returns the `delivery` records of `kinde-devhook history`, the latest first */
export async function listHistory(project, limit) {
  const records = await run(project, ["history", "list", "--limit", String(limit)]);
  return records.filter(({ record }) => record === "delivery");
}

/**
 * The app has the webhook a second time: the same bytes and the same event, under another webhook-id.
 * @param {{ token: string, webhookId: string }} sent what Kinde has sent
 * @returns whether all of it holds
 */
export function checkReplayed(fixture, sent, { replay, delivery }, { received, kinde, endpoint }) {
  const { type } = fixture;
  return check(`${type}, replayed, is what Kinde has sent, under another webhook-id`, () => {
    notStrictEqual(delivery.webhookId, sent.webhookId, "it has the webhook-id of before");
    assertReceived(fixture, { token: sent.token, webhookId: delivery.webhookId }, received);
    deepStrictEqual(
      [replay.changes, replay.signer, replay.kid, replay.isSameId, replay.id],
      [[], "kinde", kinde.kid, false, delivery.id],
      `it says of the replay: ${JSON.stringify(replay)}`,
    );
    assertRecorded(delivery, sent.token, {
      direction: "replayed",
      endpoint,
      verification: { status: "verified", kid: kinde.kid, issuer: kinde.issuer },
    });
  });
}

/**
 * The history has every delivery once, as it ended, the replay before all others.
 * @param {{ replay: object, delivery: object }} replayed
 */
export function checkHistory(listed, replayed, { relayed, emitted }) {
  check("the history lists every delivery, each once and delivered, the replay first", () => {
    const webhookIds = [replayed.delivery, ...emitted, ...relayed.values()].map(({ webhookId }) => webhookId);
    strictEqual(listed.length, webhookIds.length, `it lists ${listed.length}, not ${webhookIds.length}`);
    deepStrictEqual(
      new Set(listed.map(({ webhookId }) => webhookId)),
      new Set(webhookIds),
      "it lists others than were delivered",
    );
    const states = new Set(listed.map(({ state }) => state));
    deepStrictEqual([...states], ["delivered"], `their states are ${[...states].join(", ")}`);
    strictEqual(listed[0].id, replayed.delivery.id, `the first is ${JSON.stringify(listed[0])}`);
    const original = listed.find(({ id }) => id === replayed.replay.of);
    strictEqual(original?.direction, "relayed", `what was replayed is ${JSON.stringify(original)}`);
    strictEqual(original.event.id, replayed.delivery.event.id, "what was replayed is another event");
  });
}

async function run({ directory, environment }, args) {
  const { code, lines, errors } = await startNode([cliPath, ...args, "--json"], {
    cwd: directory,
    env: environment,
  }).ended;
  check(`kinde-devhook ${args[0]} ends well`, () =>
    strictEqual(code, 0, `it exited with ${code}: ${errors.trim()}`),
  );
  return lines.map((line) => JSON.parse(line));
}
