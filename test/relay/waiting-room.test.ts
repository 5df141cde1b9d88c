import { expect, test } from "vitest";
import type { Sender } from "../../src/relay/sender.ts";
import { createWaitingRoom } from "../../src/relay/waiting-room.ts";

const stays: Sender = { isGone: () => false, onGone: () => () => {} };
const never = new AbortController().signal;
const mebibyte = 1 << 20;

test("a hundred wait for one key, and who comes then is told at once that it is full", async () => {
  const room = createWaitingRoom(never);
  const waits = Array.from({ length: 100 }, () => room.wait("a", { sender: stays, since: 0, bytes: 1 }));
  expect(await room.wait("a", { sender: stays, since: 0, bytes: 1 })).toBe("full");
  const other = room.wait("b", { sender: stays, since: 0, bytes: 1 });
  room.callAll("a");
  room.callAll("b");
  expect(new Set(await Promise.all([...waits, other]))).toEqual(new Set(["called"]));
  expect(room.has("a")).toBe(false);
});

test("32 MiB wait in all, and are free again when they have left", async () => {
  const room = createWaitingRoom(never);
  const waits = Array.from({ length: 32 }, (_, index) =>
    room.wait(`key ${index}`, { sender: stays, since: 0, bytes: mebibyte }),
  );
  expect(await room.wait("one more", { sender: stays, since: 0, bytes: 1 })).toBe("full");
  room.callAll("key 7");
  const next = room.wait("one more", { sender: stays, since: 0, bytes: mebibyte });
  expect(room.has("one more")).toBe(true);
  for (let index = 0; index < 32; index++) room.callAll(`key ${index}`);
  room.callAll("one more");
  expect(new Set(await Promise.all([...waits, next]))).toEqual(new Set(["called"]));
});

test("all are called in in the order they came, whichever began to wait first", async () => {
  const room = createWaitingRoom(never);
  const order: number[] = [];
  const waits = [2, 3, 1, 4].map(async (since) => {
    await room.wait("a", { sender: stays, since, bytes: 0 });
    order.push(since);
  });
  room.callAll("a");
  await Promise.all(waits);
  expect(order).toEqual([1, 2, 3, 4]);
});

test("who came first is called in first", async () => {
  const room = createWaitingRoom(never);
  const order: number[] = [];
  const waits = [1, 2, 3].map(async (number) => {
    await room.wait("a", { sender: stays, since: 0, bytes: 0 });
    order.push(number);
  });
  while (room.callFirst("a"));
  await Promise.all(waits);
  expect(order).toEqual([1, 2, 3]);
});

test.each([
  ["cut", true, false, false],
  ["gone", false, true, false],
  ["over", false, false, true],
] as const)("nobody waits who is %s already", async (end, isCut, isGone, isOver) => {
  const room = createWaitingRoom(isCut ? AbortSignal.abort() : never);
  const sender = { ...stays, isGone: () => isGone };
  expect(await room.wait("a", { sender, since: 0, bytes: 1 }, isOver ? AbortSignal.abort() : never)).toBe(
    end,
  );
  expect(room.has("a")).toBe(false);
});
