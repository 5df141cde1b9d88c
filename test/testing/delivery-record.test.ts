import { describe, expect, test } from "vitest";
import { createDeliveryRecord } from "../../src/testing/delivery-record.ts";
import { sampleDelivery } from "../delivery/sample-delivery.ts";

const never = new AbortController().signal;

describe("the record of deliveries", () => {
  test("keeps the newest 10,000, oldest first", async () => {
    const record = createDeliveryRecord();
    for (let index = 0; index < 10_002; index++) await record.append(sampleDelivery({ id: `dlv_${index}` }));
    const all = record.all();
    expect([all.length, all[0]?.id, all.at(-1)?.id]).toEqual([10_000, "dlv_2", "dlv_10001"]);
    expect(await record.get("dlv_1")).toBeUndefined();
  });

  test("keeps a delivery in its place when its state changes", async () => {
    const record = createDeliveryRecord();
    await record.append(sampleDelivery({ id: "dlv_1", state: "pending", attempts: [] }));
    await record.append(sampleDelivery({ id: "dlv_2" }));
    await record.append(sampleDelivery({ id: "dlv_1", state: "delivered" }));
    expect(record.all().map(({ id, state }) => [id, state])).toEqual([
      ["dlv_1", "delivered"],
      ["dlv_2", "pending"],
    ]);
  });

  test("lists the newest first, as many as are asked for", async () => {
    const record = createDeliveryRecord();
    for (const id of ["dlv_1", "dlv_2", "dlv_3"]) await record.append(sampleDelivery({ id }));
    const ids = async (where?: (delivery: { readonly id: string }) => boolean): Promise<string[]> =>
      (await record.list({ limit: 2, ...(where !== undefined && { where }) })).map(({ id }) => id);
    expect(await ids()).toEqual(["dlv_3", "dlv_2"]);
    expect(await ids(({ id }) => id !== "dlv_3")).toEqual(["dlv_2", "dlv_1"]);
  });

  test("finds once, and asks no more after that", async () => {
    const record = createDeliveryRecord();
    const asked: string[] = [];
    const finding = record.find(({ id }) => {
      asked.push(id);
      return id === "dlv_2";
    }, never);
    for (const id of ["dlv_1", "dlv_2", "dlv_3"]) await record.append(sampleDelivery({ id }));
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
    await record.append(sampleDelivery({ id: "dlv_1" }));
    abort.abort("enough");
    expect(await finding).toBe("enough");
    await record.append(sampleDelivery({ id: "dlv_2" }));
    expect(asked).toEqual(["dlv_1"]);
  });
});
