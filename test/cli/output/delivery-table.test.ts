import { expect, test } from "vitest";
import { createDeliveryTable } from "../../../src/cli/output/delivery-table.ts";
import type { Paint } from "../../../src/cli/output/text.ts";
import type { Delivery } from "../../../src/delivery/delivery.ts";
import { sampleAttempt, sampleDelivery } from "../../delivery/sample-delivery.ts";

const plain: Paint = (_colour, text) => text;
const delivered = sampleDelivery({ state: "delivered", attempts: [sampleAttempt()] });
const failed = sampleDelivery({
  id: "dlv_ffffffff000000000000000000000002",
  direction: "replayed",
  event: { ...delivered.event!, type: "organization.created" },
  state: "failed",
  attempts: [sampleAttempt(), sampleAttempt({ number: 2, status: null, durationMs: 1_234 })],
});

test("columns stand under each other, as wide as what is in them", () => {
  const rows = createDeliveryTable(plain, undefined).rows([delivered, failed]);
  expect(rows.map((row) => row.slice(row.indexOf("dlv_")))).toEqual([
    "dlv_00000000  emitted   user.created          delivered 200     1 attempt   13 ms     http://127.0.0.1:3000/api/webhook",
    "dlv_ffffffff  replayed  organization.created  failed no answer  2 attempts  1,234 ms  http://127.0.0.1:3000/api/webhook",
  ]);
});

test("later rows stand under the earlier ones", () => {
  const table = createDeliveryTable(plain, undefined);
  const [, first] = table.rows([delivered, failed]);
  const [second] = table.rows([delivered]);
  expect(second?.indexOf("http://")).toBe(first?.indexOf("http://"));
});

test.each([200, 120, 100, 90, 80, 75])("on %i columns a row is one line and keeps the outcome", (columns) => {
  for (const row of createDeliveryTable(plain, columns).rows([delivered, failed])) {
    expect(row.length).toBeLessThanOrEqual(columns);
    expect(row).toMatch(/dlv_\w{8} .*\.created +(delivered 200|failed no answer)/);
  }
});

test("what there is no room for gives way: of the endpoint its beginning", () => {
  const row = (columns: number): string | undefined =>
    createDeliveryTable(plain, columns).rows([delivered])[0];
  expect(row(100)).toMatch(/emitted .* 1 attempt .*…[\w.:]*\/api\/webhook$/);
  expect(row(76)).toMatch(/ delivered 200 {2}…\S*\/webhook$/);
  expect(row(62)).toMatch(/ delivered 200$/);
});

test.each<[name: string, members: Partial<Delivery>, said: string]>([
  ["a fault", { fault: "bad-signature" }, "fault bad-signature"],
  ["a copy", { isCopy: true }, "copy"],
  ["one that was taken over", { isShielded: true }, "shielded"],
  ["a redacted one", { isRedacted: true }, "redacted"],
  ["no event", { event: null }, "no event"],
  ["one that is under way", { attempts: [] }, "0 attempts"],
])("%s is told", (_, members, said) => {
  const [row] = createDeliveryTable(plain, undefined).rows([{ ...delivered, ...members }]);
  expect(row).toContain(said);
});
