import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Judgement } from "../../src/relay/gate.ts";
import { requestBytes } from "../attacks/attack.ts";
import { expectToTellNothing } from "../attacks/run-attack.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { createWebhook } from "./create-webhook.ts";
import { startTestIntake } from "./test-intake.ts";
import { headerOf, openWire } from "./wire.ts";

const webhook = (): Buffer => requestBytes({ body: createWebhook() });
const nowhere = "http://127.0.0.1:9/api/webhook";

/** Something that others wait for until it is opened. */
function createLatch(): { readonly opened: Promise<void>; open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

describe("a sender that has gone", () => {
  const judgedAfter =
    (latch: Promise<void>, entered: () => void) =>
    async (body: Buffer): Promise<Judgement> => {
      entered();
      await latch;
      const verification = {
        status: "verified",
        kid: signingKey.kid,
        issuer: "http://localhost:4455",
      } as const;
      return { isAdmitted: true, token: body.toString(), event: null, verification };
    };

  test("before its webhook is passed on does not have it delivered", async () => {
    const latch = createLatch();
    const entered = createLatch();
    await using app = await startReceiver();
    await using intake = await startTestIntake({
      forwards: [app.url],
      gate: judgedAfter(latch.opened, entered.open),
    });
    {
      using wire = await openWire(intake.port);
      await wire.write(webhook());
      await entered.opened;
    }
    // The intake has seen its end when it has nothing under way any more.
    await intake.drain();
    latch.open();
    while (intake.refused.length === 0) await turn();
    expect(intake.refused).toMatchObject([{ code: "ERR_SENDER_GONE", status: null, method: "POST" }]);
    expect(app.requests).toEqual([]);
    expect(intake.kept).toEqual([]);
  });

  test("in the middle of its body leaves nothing behind", async () => {
    await using app = await startReceiver();
    await using intake = await startTestIntake({ forwards: [app.url] });
    {
      using wire = await openWire(intake.port);
      await wire.write(webhook().subarray(0, -1));
    }
    await intake.drain();
    expect(app.requests).toEqual([]);
    expect(intake.refused).toEqual([]);
  });
});

describe("an intake that is about to stop", () => {
  test("lets what is under way come to its end, and refuses what comes: 503", async () => {
    const latch = createLatch();
    const answer: Answer = async (response) => {
      await latch.opened;
      response.end("done");
    };
    await using app = await startReceiver({ answers: [answer] });
    await using intake = await startTestIntake({ forwards: [app.url] });
    using wire = await openWire(intake.port);
    using late = await openWire(intake.port);
    await wire.write(webhook());
    await app.next();
    let isDrained = false;
    const drained = intake.drain().then(() => (isDrained = true));
    await late.write(webhook());
    const refusal = await late.answer();
    expect(refusal).toMatchObject({ status: 503 });
    expect(headerOf(refusal!, "retry-after")).toBe("5");
    expect(intake.refused).toMatchObject([{ code: "ERR_CLOSING", status: 503 }]);
    expect(isDrained).toBe(false);
    latch.open();
    expect((await wire.answer())?.body.toString()).toBe("done");
    await drained;
    expect(app.requests).toHaveLength(1);
  });

  test("is drained at once when nothing is under way, and ends every connection when it closes", async () => {
    await using intake = await startTestIntake({ forwards: [nowhere] });
    using wire = await openWire(intake.port);
    await intake.drain();
    await intake.close();
    expect(await wire.ended).toEqual([]);
    await expect(openWire(intake.port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

describe("a bug of ours", () => {
  test("is answered 500 without a word, is told, and ends nothing", async () => {
    await using app = await startReceiver();
    let isBroken = true;
    await using intake = await startTestIntake({
      forwards: [app.url],
      keep: () => {
        if (isBroken) throw new Error("disk full");
      },
    });
    using wire = await openWire(intake.port);
    await wire.write(webhook());
    const answer = await wire.answer();
    expect(answer).toMatchObject({ status: 500 });
    expectToTellNothing(answer!);
    expect(intake.failures).toMatchObject([{ message: "disk full" }]);
    isBroken = false;
    await wire.write(webhook());
    expect(await wire.answer()).toMatchObject({ status: 200 });
  });
});
