import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Attack } from "./attack.ts";
import { framingAttacks } from "./framing-attacks.ts";
import { lineAttacks } from "./line-attacks.ts";
import { requestAttacks } from "./request-attacks.ts";
import { runAttack } from "./run-attack.ts";
import { openScene, type Scene } from "./scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await openScene({ requestTimeoutMs: 2_000 });
});
afterAll(() => scene[Symbol.asyncDispose]());

const named = (attacks: readonly Attack[]): (readonly [string, Attack])[] =>
  attacks.map((attack) => [attack.name, attack]);

describe("a genuine token in what is no webhook request", () => {
  test.each(named(requestAttacks))("is refused: %s", async (_, attack) => {
    expect(await runAttack(scene, attack)).toMatchObject({ code: attack.code, status: attack.status });
  });
});

describe("a genuine webhook in an ambiguous wrapper", () => {
  test.each(named([...framingAttacks, ...lineAttacks]))("is refused: %s", async (_, attack) => {
    expect(await runAttack(scene, attack)).toMatchObject({ code: attack.code, status: attack.status });
  });
});
