import { describe, expect, test } from "vitest";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { findDelivery } from "../../src/history/find-delivery.ts";
import type { History } from "../../src/history/history.ts";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import { sampleAttempt, sampleDelivery } from "../delivery/sample-delivery.ts";
import { createTemporaryHistory } from "./temporary-history.ts";

const first = delivery("aa11".padEnd(32, "0"), "event_018f331a3178f7fef284b95fe6770384");
const second = delivery("aa22".padEnd(32, "0"), "event_018f331a9999f7fef284b95fe6770385");
const odd = delivery("bb33".padEnd(32, "0"), 'my "own" id');

describe.each(["file", "memory"] as const)("in a history in a %s", (kind) => {
  test.each<[name: string, id: string, found: Delivery]>([
    ["`last`", "last", odd],
    ["its id", first.id, first],
    ["the beginning of its id", "dlv_aa1", first],
    ["the beginning of its id without what all begin with", "aa2", second],
    ["its event's id", second.event!.id, second],
    ["the beginning of its event's id", "event_018f331a3", first],
    ["its event's id as the terminal shows it", "event_018f…0385", second],
    ["the same with three dots", "event_018f...0384", first],
    ["the end of an id", "…0384", first],
    ["an id that JSON writes with escapes", 'my "o', odd],
  ])("a delivery is found by %s", async (_, id, found) => {
    await using history = await openHistory(kind, [first, second, odd]);
    expect(await findDelivery(history, id)).toEqual(found);
  });

  test.each(["dlv_", "aa", "event_018f", "event_018f331a…"])(
    "%s is more than one, and the candidates are named, the latest first",
    async (id) => {
      await using history = await openHistory(kind, [first, second]);
      const finding = findDelivery(history, id);
      await expect(finding).rejects.toMatchObject({
        code: "ERR_AMBIGUOUS_ID",
        exitCode: 2,
        candidates: [second.id, first.id],
      });
      await expect(finding).rejects.toThrow(
        `may be dlv_aa220000 (user.created, ${second.createdAt}) or dlv_aa110000 (`,
      );
    },
  );

  test.each([
    "dlv_ff",
    first.id.replace("aa", "ff"),
    "zz",
    "event_018f…9999",
    "",
    "…",
    "...",
    '"id"',
    "LAST",
  ])("%j is none", async (id) => {
    await using history = await openHistory(kind, [first, second]);
    await expect(findDelivery(history, id)).rejects.toMatchObject({ code: "ERR_UNKNOWN_DELIVERY", id });
  });

  test("an empty history has no last one, and the error says how to make one", async () => {
    await using history = await openHistory(kind, []);
    await expect(findDelivery(history, "last")).rejects.toThrow("npx kinde-devhook emit");
  });

  test("of several deliveries of one event the latest is meant", async () => {
    const again = delivery("cc44".padEnd(32, "0"), first.event!.id);
    await using history = await openHistory(kind, [first, again, second]);
    expect(await findDelivery(history, first.event!.id)).toEqual(again);
    expect(await findDelivery(history, "event_018f331a31")).toEqual(again);
  });

  test("a whole event id means itself, though that of another begins with it", async () => {
    const longer = delivery("dd55".padEnd(32, "0"), "event_1234");
    const shorter = delivery("ee66".padEnd(32, "0"), "event_12");
    await using history = await openHistory(kind, [shorter, longer]);
    expect(await findDelivery(history, "event_12")).toEqual(shorter);
  });

  test("candidates are named by as much of their ids as tells them apart", async () => {
    const [one, other] = ["1", "2"].map((digit) =>
      delivery(`${"c".repeat(20)}${digit}`.padEnd(32, "0"), digit),
    );
    await using history = await openHistory(kind, [one!, other!]);
    await expect(findDelivery(history, "dlv_c")).rejects.toThrow(
      new RegExp(`may be dlv_${"c".repeat(20)}2 .* or dlv_${"c".repeat(20)}1 `),
    );
  });

  test("of many candidates five are named, and that there are more", async () => {
    const many = Array.from({ length: 9 }, (_, index) =>
      delivery(`f${index}`.padEnd(32, "0"), `event_${index}`),
    );
    await using history = await openHistory(kind, many);
    await expect(findDelivery(history, "dlv_f")).rejects.toThrow(
      /(dlv_\w+ [^)]+\) or ){4}dlv_\w+ [^)]+\), and there are more\./,
    );
  });

  test("it is found in its last state", async () => {
    const ended: Delivery = { ...first, state: "delivered", attempts: [sampleAttempt()] };
    await using history = await openHistory(kind, [first, second, ended]);
    expect(await findDelivery(history, "aa1")).toEqual(ended);
    expect(await findDelivery(history, first.event!.id)).toEqual(ended);
  });
});

test("a text that is too long to be repeated is cut in the error", async () => {
  await expect(findDelivery(createMemoryHistory(), "x".repeat(5_000))).rejects.toThrow(/^.{1,400}$/);
});

function delivery(hex: string, eventId: string): Delivery {
  const sample = sampleDelivery();
  return { ...sample, id: `dlv_${hex}`, event: { ...sample.event!, id: eventId } };
}

async function openHistory(
  kind: "file" | "memory",
  deliveries: readonly Delivery[],
): Promise<History & AsyncDisposable> {
  const temporary = createTemporaryHistory();
  const history = kind === "file" ? temporary.open() : createMemoryHistory();
  for (const each of deliveries) await history.append(each);
  return { ...history, [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose]() };
}
