import { describe, expect, test } from "vitest";
import { checkClock } from "../../../src/app/diagnoses/clock-skew.ts";
import { findFreePort } from "../../helpers/free-port.ts";
import { startReceiver, type Receiver } from "../../helpers/receiver.ts";
import { askFreely } from "./verdicts.ts";

const second = 1_000;
const minute = 60 * second;

/** A server whose clock is so far ahead of ours. */
async function startAhead(
  aheadMs: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<Receiver> {
  return await startReceiver({
    answers: [
      (response) => {
        const date = new Date(Date.now() + aheadMs).toUTCString();
        response.writeHead(200, { date, ...headers }).end();
      },
    ],
  });
}

describe("the clock", () => {
  test.each([
    ["as a server's", 0, "pass", undefined],
    ["half a minute behind", 30 * second, "pass", undefined],
    ["half a minute ahead", -30 * second, "pass", undefined],
    ["two minutes behind", 2 * minute, "warn", "WARN_CLOCK_SKEW"],
    ["two minutes ahead", -2 * minute, "warn", "WARN_CLOCK_SKEW"],
    ["an hour behind", 60 * minute, "fail", "ERR_CLOCK_SKEW"],
    ["a day ahead", -24 * 60 * minute, "fail", "ERR_CLOCK_SKEW"],
  ])("%s comes to its verdict", async (_what, aheadMs, verdict, code) => {
    await using server = await startAhead(aheadMs);
    const finding = await checkClock([new URL(server.url)], askFreely());
    expect(finding).toMatchObject({ verdict, code });
    const said = /(behind|ahead of|agrees with) /.exec(finding.message)?.[1];
    expect(said).toBe(verdict === "pass" ? "agrees with" : aheadMs > 0 ? "behind" : "ahead of");
  });

  test("is measured by what is left of a cache's age", async () => {
    await using cache = await startAhead(-60 * minute, { age: "3600" });
    expect((await checkClock([new URL(cache.url)], askFreely())).verdict).toBe("pass");
  });

  test("is right where one of two servers agrees with it", async () => {
    await using wrong = await startAhead(60 * minute);
    await using right = await startAhead(0);
    const finding = await checkClock([new URL(wrong.url), new URL(right.url)], askFreely());
    expect(finding).toMatchObject({ verdict: "pass", message: expect.stringContaining(String(right.port)) });
  });

  test("can't be told without a server that tells its own", async () => {
    await using silent = await startReceiver({
      answers: [
        (response) => {
          response.sendDate = false;
          response.end();
        },
      ],
    });
    const absent = new URL(`http://localhost:${await findFreePort()}`);
    expect(await checkClock([new URL(silent.url), absent], askFreely())).toMatchObject({ verdict: "skip" });
    expect(await checkClock([], askFreely())).toMatchObject({ verdict: "skip" });
  });
});

test("a server that several checks ask gets one request", async () => {
  await using server = await startAhead(0);
  const ask = askFreely();
  await Promise.all([ask(new URL(server.url)), checkClock([new URL(server.url)], ask)]);
  expect(server.requests).toHaveLength(1);
});
