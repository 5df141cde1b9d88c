/** Faults that another process asks a running mock for. */
import { expect, test } from "vitest";
import type { Delivery } from "../../../src/delivery/delivery.ts";
import { createMemoryHistory } from "../../../src/history/memory-history.ts";
import { faultNames, type FaultName } from "../../../src/kinde/faults.ts";
import { correct, startHandler } from "../../delivery/handlers.ts";
import { startReceiver } from "../../helpers/receiver.ts";
import { ask, errorCode, type Answered } from "../ask.ts";
import { authorization, controlToken } from "../test-issuer.ts";
import { startManagementMock, type ManagementMock } from "./management-mock.ts";

test("every fault is delivered as it is asked for, and the answer has what became of it", async () => {
  await using mock = await startMock();
  await using handler = await startHandler(mock.mock.issuer, correct);
  const found: unknown[] = [];
  for (const fault of faultNames) {
    const { status, json } = await emit(mock, { type: "user.updated", to: handler.url.href, fault });
    expect(status).toBe(200);
    for (const delivery of (json as { deliveries: Delivery[] }).deliveries) {
      expect(delivery.attempts).toHaveLength(fault === "cut-body" ? 2 : 1);
      found.push([delivery.fault!, delivery.verdict]);
    }
  }
  const twice = new Set<FaultName>(["duplicate", "reordered"]);
  expect(found).toEqual(
    faultNames.flatMap((name) => (twice.has(name) ? [name, name] : [name])).map((name) => [name, "pass"]),
  );
});

test("an unknown fault is named with its nearest, and nothing is delivered", async () => {
  await using receiver = await startReceiver();
  await using mock = await startMock();
  const answered = await emit(mock, { type: "user.updated", to: receiver.url, fault: "duplicat" });
  expect([answered.status, errorCode(answered)]).toEqual([400, "ERR_UNKNOWN_FAULT"]);
  expect(answered.body).toContain(String.raw`Did you mean \"duplicate\"?`);
  expect(receiver.requests).toEqual([]);
});

async function startMock(): Promise<ManagementMock> {
  return await startManagementMock({ control: { token: controlToken, history: createMemoryHistory() } });
}

async function emit({ mock }: ManagementMock, order: object): Promise<Answered> {
  return await ask(mock.port, "/_devhook/api/emit", {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify(order),
  });
}
