import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { headerOf, openWire } from "../relay/wire.ts";
import { requestBytes, type Attack } from "./attack.ts";
import { limitAttacks, slowAttacks } from "./limit-attacks.ts";
import { deliverGenuine, expectToTellNothing, runAttack } from "./run-attack.ts";
import { openScene, type Scene } from "./scene.ts";

const named = (attacks: readonly Attack[]): (readonly [string, Attack])[] =>
  attacks.map((attack) => [attack.name, attack]);

let scene: Scene;
let patient: Scene;
beforeAll(async () => {
  scene = await openScene({ requestTimeoutMs: 250 });
  patient = await openScene();
});
afterAll(async () => {
  await patient[Symbol.asyncDispose]();
  await scene[Symbol.asyncDispose]();
});

describe("too much", () => {
  test.each(named(limitAttacks))("is refused: %s", async (_, attack) => {
    expect(await runAttack(patient, attack)).toMatchObject({ code: attack.code, status: attack.status });
  });

  test("is refused before its end: chunks for ever", async () => {
    using wire = await openWire(patient.intake.port);
    const block = `10000\r\n${"a".repeat(1 << 16)}\r\n`;
    await wire.write(
      requestBytes({ headers: { "content-length": undefined, "transfer-encoding": "chunked" } }),
    );
    let written = 0;
    while (wire.isOpen()) {
      await wire.write(block);
      written++;
      // Far more than a connection's buffers hold.
      expect(written).toBeLessThan(10_000);
    }
    expect(patient.intake.refused.at(-1)).toMatchObject({ code: "ERR_BODY_TOO_LARGE", status: 413 });
    await deliverGenuine(patient);
  });
});

describe("too slow", () => {
  test.each(named(slowAttacks))("ends the connection: %s", async (_, attack) => {
    expect(await runAttack(scene, attack)).toMatchObject({ code: attack.code, status: attack.status });
  });

  test.each([
    ["in the head", 40],
    ["in the body", 300],
  ])("ends the connection: a genuine webhook byte by byte, %s", async (_, from) => {
    const before = scene.app.requests.length;
    const bytes = requestBytes({ body: scene.kinde.signWebhook("user.created") });
    using wire = await openWire(scene.intake.port);
    await wire.write(bytes.subarray(0, from));
    for (let at = from; wire.isOpen(); at++) {
      // It would take a minute.
      await wire.write(bytes.subarray(at, at + 1));
      await sleep(60);
      expect(at).toBeLessThan(bytes.length - 1);
    }
    expect(scene.intake.refused.at(-1)).toMatchObject({ code: "ERR_REQUEST_TIMEOUT", status: null });
    expect(scene.app.requests).toHaveLength(before);
    await deliverGenuine(scene);
  });

  test("ends the connection: the beginning of a request that came together with another", async () => {
    const before = scene.app.requests.length;
    const whole = requestBytes({ body: "a.b.c" });
    const part = requestBytes({ headers: { "content-length": "100" }, body: "a" });
    using wire = await openWire(scene.intake.port);
    await wire.write(Buffer.concat([whole, part]));
    expect(await wire.answer()).toMatchObject({ status: 401 });
    expect(await wire.ended).toEqual([]);
    expect(scene.intake.refused.at(-1)).toMatchObject({ code: "ERR_REQUEST_TIMEOUT" });
    expect(scene.app.requests).toHaveLength(before);
  });

  test("leaves a connection alone that says nothing", async () => {
    using idle = await openWire(scene.intake.port);
    using slow = await openWire(scene.intake.port);
    await slow.write("POST");
    // By then the watch has gone round more often than the limit takes.
    await slow.ended;
    await deliverGenuine(scene, idle);
    expect(idle.isOpen()).toBe(true);
  });
});

describe("too many at once", () => {
  test("are answered 503 with Retry-After, and the app does not see them", async () => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const answer: Answer = async (response) => {
      await released;
      response.end();
    };
    await using app = await startReceiver({ answers: [answer] });
    await using full = await openScene({ forwards: [`http://127.0.0.1:${app.port}/api/webhook`] });
    const wires = await Promise.all(Array.from({ length: 100 }, () => openWire(full.intake.port)));
    try {
      const token = full.kinde.signWebhook("user.created");
      await Promise.all(wires.map((wire) => wire.write(requestBytes({ body: token }))));
      for (let count = 0; count < 100; count++) await app.next();
      using another = await openWire(full.intake.port);
      await another.write(requestBytes({ body: token }));
      const refusal = await another.answer();
      expect(refusal).toMatchObject({ status: 503 });
      expect(Number(headerOf(refusal!, "retry-after"))).toBeGreaterThan(0);
      expectToTellNothing(refusal!);
      expect(full.intake.refused).toMatchObject([{ code: "ERR_TOO_MANY_REQUESTS", status: 503 }]);
      release();
      const answers = await Promise.all(wires.map((wire) => wire.answer()));
      expect(new Set(answers.map((one) => one?.status))).toEqual(new Set([200]));
      expect(app.requests).toHaveLength(100);
    } finally {
      for (const wire of wires) wire[Symbol.dispose]();
    }
  });

  test("make room again when they are too slow: 100 unfinished requests", async () => {
    await using full = await openScene({ requestTimeoutMs: 1_000 });
    const wires = await Promise.all(Array.from({ length: 100 }, () => openWire(full.intake.port)));
    const unfinished = requestBytes({ headers: { "content-length": "10" }, body: "a" });
    await Promise.all(wires.map((wire) => wire.write(unfinished)));
    await Promise.all(wires.map((wire) => wire.ended));
    expect(full.app.requests).toEqual([]);
    await deliverGenuine(full);
  });

  test("on one connection: 500 unsigned requests in a row get 500 refusals", async () => {
    await using flooded = await openScene();
    using wire = await openWire(flooded.intake.port);
    const one = requestBytes({ body: `${"a".repeat(40)}.${"b".repeat(400)}.${"c".repeat(342)}` });
    await wire.write(Buffer.concat(Array.from({ length: 500 }, () => one)));
    const statuses = new Set<number | undefined>();
    for (let count = 0; count < 500; count++) {
      const answer = await wire.answer();
      expectToTellNothing(answer!);
      statuses.add(answer?.status);
    }
    expect([...statuses].filter((status) => status !== 401 && status !== 503)).toEqual([]);
    expect(flooded.intake.refused).toHaveLength(500);
    expect(flooded.app.requests).toEqual([]);
    await deliverGenuine(flooded);
  });

  test("on one connection: answers that nobody reads take no other's place", async () => {
    await using flooded = await openScene();
    using wire = await openWire(flooded.intake.port, { isReading: false });
    const one = requestBytes({ method: "GET", headers: { "content-length": undefined } });
    const block = Buffer.concat(Array.from({ length: 1_000 }, () => one));
    // Until the buffers of both sides are full, and nothing moves any more.
    let isStuck = false;
    for (let count = 0; !isStuck && count < 500; count++) {
      isStuck = (await Promise.race([wire.write(block), sleep(500, "stuck")])) === "stuck";
    }
    expect(isStuck).toBe(true);
    await deliverGenuine(flooded);
  });
});
