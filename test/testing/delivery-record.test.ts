import { describe, expect, test } from "vitest";
import { createDeliveryRecord } from "../../src/testing/delivery-record.ts";
import { sampleDelivery } from "../delivery/sample-delivery.ts";

const never = new AbortController().signal;

describe("the record of deliveries", () => {
  test("keeps the newest 10,000, oldest first", () => {
    const record = createDeliveryRecord();
    for (let index = 0; index < 10_002; index++) record.append(sampleDelivery({ id: `dlv_${index}` }));
    const all = record.all();
    expect([all.length, all[0]?.id, all.at(-1)?.id]).toEqual([10_000, "dlv_2", "dlv_10001"]);
  });

  test("keeps a delivery in its place when its state changes", () => {
    const record = createDeliveryRecord();
    record.append(sampleDelivery({ id: "dlv_1", state: "pending", attempts: [] }));
    record.append(sampleDelivery({ id: "dlv_2" }));
    record.append(sampleDelivery({ id: "dlv_1", state: "delivered" }));
    expect(record.all().map(({ id, state }) => [id, state])).toEqual([
      ["dlv_1", "delivered"],
      ["dlv_2", "pending"],
    ]);
  });

  test("is one list as long as nothing changes, for whoever reads it in a loop", () => {
    const record = createDeliveryRecord();
    record.append(sampleDelivery({ id: "dlv_1", state: "pending" }));
    const listed = record.all();
    expect(record.all()).toBe(listed);
    record.append(sampleDelivery({ id: "dlv_1", state: "delivered" }));
    expect(record.all()).not.toBe(listed);
    expect(listed[0]?.state).toBe("pending");
  });

  test("lets one that had to make room stay away when it ends, and tells who waits for it", async () => {
    const record = createDeliveryRecord();
    record.append(sampleDelivery({ id: "dlv_slow", state: "pending" }));
    const waiting = record.find(({ state }) => state === "failed", never);
    for (let index = 0; index < 10_000; index++) record.append(sampleDelivery({ id: `dlv_${index}` }));
    record.append(sampleDelivery({ id: "dlv_slow", state: "failed" }));
    expect(record.all()).toHaveLength(10_000);
    expect(record.all().filter(({ id }) => id === "dlv_slow")).toEqual([]);
    expect((await waiting).id).toBe("dlv_slow");
  });

  test("is not changed by whoever reads it", () => {
    const record = createDeliveryRecord();
    record.append(sampleDelivery({ id: "dlv_1" }));
    const all = record.all() as unknown as { state: string; attempts: unknown[] }[];
    expect(() => (all[0]!.state = "delivered")).toThrow(TypeError);
    expect(() => all[0]!.attempts.push({})).toThrow(TypeError);
    expect(() => all.pop()).toThrow(TypeError);
  });

  test("finds once, and asks no more after that", async () => {
    const record = createDeliveryRecord();
    const asked: string[] = [];
    const finding = record.find(({ id }) => {
      asked.push(id);
      return id === "dlv_2";
    }, never);
    for (const id of ["dlv_1", "dlv_2", "dlv_3"]) record.append(sampleDelivery({ id }));
    expect((await finding).id).toBe("dlv_2");
    expect(asked).toEqual(["dlv_1", "dlv_2"]);
  });

  test("asks no more once the signal has aborted", async () => {
    const record = createDeliveryRecord();
    const abort = new AbortController();
    const asked: string[] = [];
    const finding = record
      .find(({ id }) => asked.push(id) === 0, abort.signal)
      .catch((reason: unknown) => reason);
    record.append(sampleDelivery({ id: "dlv_1" }));
    abort.abort("enough");
    expect(await finding).toBe("enough");
    record.append(sampleDelivery({ id: "dlv_2" }));
    expect(asked).toEqual(["dlv_1"]);
  });
});
