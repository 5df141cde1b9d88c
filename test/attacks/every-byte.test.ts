import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openWire } from "../relay/wire.ts";
import { requestBytes } from "./attack.ts";
import { deliverGenuine } from "./run-attack.ts";
import { openScene, type Scene } from "./scene.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

/** What each of these bodies is answered, in a row on one connection. */
async function statusesOf(bodies: readonly string[]): Promise<(number | undefined)[]> {
  using wire = await openWire(scene.intake.port);
  const statuses: (number | undefined)[] = [];
  for (const body of bodies) {
    await wire.write(requestBytes({ body }));
    statuses.push((await wire.answer())?.status);
  }
  return statuses;
}

function replaceAt(token: string, index: number, character: string): string {
  return token.slice(0, index) + character + token.slice(index + 1);
}

describe("one byte that is changed, at every position of a token", () => {
  test.each([
    ["to the next letter of its alphabet", (old: string) => alphabet[(alphabet.indexOf(old) + 1) % 64]!],
    ["in its lowest bit", (old: string) => String.fromCharCode(old.charCodeAt(0) ^ 1)],
    ["in its highest bit", (old: string) => String.fromCharCode(old.charCodeAt(0) ^ 0x80)],
  ])("is refused: %s", async (_, change) => {
    const token = scene.kinde.signWebhook("user.deleted");
    const before = scene.app.requests.length;
    const changed = Array.from(token, (old, index) => replaceAt(token, index, change(old)));
    expect(changed).not.toContain(token);
    const statuses = await statusesOf(changed);
    expect(statuses.map((status, index) => [index, status]).filter(([, status]) => status !== 401)).toEqual(
      [],
    );
    expect(scene.app.requests).toHaveLength(before);
    await deliverGenuine(scene);
  });
});

describe("the last character of a token", () => {
  test("has one value that is taken, though sixteen decode to the same signature", async () => {
    const token = scene.kinde.signWebhook("user.created");
    const signature = token.slice(token.lastIndexOf(".") + 1);
    const others = Array.from(alphabet).filter((letter) => letter !== token.at(-1));
    const alike = others.filter((letter) =>
      Buffer.from(signature, "base64url").equals(Buffer.from(signature.slice(0, -1) + letter, "base64url")),
    );
    expect(alike).toHaveLength(15);
    const before = scene.app.requests.length;
    const statuses = await statusesOf(others.map((letter) => token.slice(0, -1) + letter));
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect(scene.app.requests).toHaveLength(before);
    expect(await statusesOf([token])).toEqual([200]);
  });
});
