import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { algorithmAttacks } from "./algorithm-attacks.ts";
import type { Attack } from "./attack.ts";
import { claimsAttacks } from "./claims-attacks.ts";
import { keyAttacks } from "./key-attacks.ts";
import { runAttack } from "./run-attack.ts";
import { openScene, type Scene } from "./scene.ts";
import { tokenAttacks } from "./token-attacks.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

const named = (attacks: readonly Attack[]): (readonly [string, Attack])[] =>
  attacks.map((attack) => [attack.name, attack]);

describe("a token that chooses its key or algorithm", () => {
  test.each(named([...algorithmAttacks, ...keyAttacks]))("is refused: %s", async (_, attack) => {
    expect(await runAttack(scene, attack)).toMatchObject({ code: attack.code, status: attack.status });
  });
});

describe("a token in another form, or of another kind", () => {
  test.each(named(tokenAttacks))("is refused: %s", async (_, attack) => {
    expect(await runAttack(scene, attack)).toMatchObject({ code: attack.code, status: attack.status });
  });
});

describe("claims that are no event", () => {
  test.each(named(claimsAttacks))("are refused: %s", async (_, attack) => {
    expect(await runAttack(scene, attack)).toMatchObject({ code: attack.code, status: attack.status });
  });
});
