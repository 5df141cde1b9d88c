// What must not come in, sent to the public URL by somebody who has found it.
import { deepStrictEqual, strictEqual } from "node:assert";
import { formatTable } from "../helpers/table.mjs";
import { check } from "./checks.mjs";
import { forge } from "./token.mjs";

/**
 * One forged webhook, and one genuine access token of the same Kinde.
 * @returns how each was answered, and what the app had received before and after
 */
export async function tryStrangers(kinde, publicEndpoint, app) {
  const strangers = [
    { what: "a forged webhook", code: "ERR_BAD_SIGNATURE", token: forge(kinde.signWebhook("user.created")) },
    { what: "an access token", code: "ERR_ACCESS_TOKEN", token: kinde.accessToken() },
  ];
  const tried = [];
  for (const stranger of strangers) {
    const before = (await app.received()).length;
    const { status, body } = await kinde.deliver(publicEndpoint, stranger.token);
    const after = (await app.received()).length;
    tried.push({ ...stranger, status, body, before, after });
  }
  return tried;
}

/** Both were refused at the gate, told nothing, and recorded with the reason. @returns the table of it, in lines */
export function checkStrangers(tried, records) {
  const refusals = records.filter(({ record }) => record === "refused");
  check("the tunnel refuses what the strangers sent, and nothing else", () =>
    strictEqual(refusals.length, tried.length, `it refused ${refusals.length}`),
  );
  const rows = tried.map(({ what, code, status, body, before, after }) => {
    const refusal = refusals.find((record) => record.code === code);
    check(`${what} is refused at the gate`, () => {
      strictEqual(after, before, `the app has seen it, and its sender got ${status}`);
      strictEqual(status, 401, `its sender got ${status}`);
      strictEqual(body, "", `its sender was told "${body}"`);
      deepStrictEqual(
        [refusal?.code, refusal?.status, refusal?.method, refusal?.path],
        [code, status, "POST", "/api/webhook"],
        `the tunnel has no ${code} of it: ${JSON.stringify(refusals)}`,
      );
    });
    return {
      "from a stranger": what,
      answer: body === "" ? `${status}, empty` : `${status} "${body}"`,
      "requests the app has seen": `${before} before, ${after} after`,
      "the tunnel's record": refusal?.code ?? "NOT REFUSED",
    };
  });
  return [
    ...formatTable(Object.keys(rows[0]), rows),
    "",
    ...refusals.map(({ code, reason }) => `${code}: ${reason}`),
  ];
}
