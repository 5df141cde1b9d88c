import { describe, expect, test } from "vitest";
import type { Delivery } from "../../src/delivery/delivery.ts";
import type { DeliveryFilter } from "../../src/history/delivery-filter.ts";
import { findForReplay } from "../../src/history/find-for-replay.ts";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import { sampleDelivery } from "../delivery/sample-delivery.ts";

const failed = delivery("1", "event_a", { state: "failed" });
const other = delivery("2", "event_b", { state: "failed" });
const third = delivery("3", "event_c", { state: "pending", direction: "relayed" });

test("the oldest comes first", async () => {
  expect(await find([failed, other, third], {})).toEqual({ ids: ["1", "2", "3"], hasMore: false });
});

test("beyond the limit the latest are meant, and that there are more is told", async () => {
  expect(await find([failed, other, third], {}, 2)).toEqual({ ids: ["2", "3"], hasMore: true });
  expect(await find([failed, other, third], {}, 3)).toEqual({ ids: ["1", "2", "3"], hasMore: false });
});

test("of an event that has failed again, the latest delivery alone is found", async () => {
  const again = delivery("4", "event_a", { state: "failed", direction: "replayed" });
  expect((await find([failed, other, again], { state: "failed" })).ids).toEqual(["2", "4"]);
});

test.each<DeliveryFilter>([
  { state: "failed" },
  { state: "pending" },
  { state: "failed", direction: "emitted" },
])("what was delivered since is no more found by %j", async (filter) => {
  const before = delivery("5", "event_d", { state: filter.state!, direction: "emitted" });
  const since = delivery("6", "event_d", { state: "delivered", direction: "replayed" });
  expect((await find([before], filter)).ids).toEqual(["5"]);
  expect((await find([before, since], filter)).ids).toEqual([]);
});

test("what was delivered before, and has failed since, is found", async () => {
  const delivered = delivery("7", "event_a", { state: "delivered" });
  expect((await find([delivered, failed], { state: "failed" })).ids).toEqual(["1"]);
});

test("another endpoint is another matter", async () => {
  const elsewhere = delivery("8", "event_a", { state: "delivered", endpoint: "http://127.0.0.1:9/other" });
  expect((await find([failed, elsewhere], { state: "failed" })).ids).toEqual(["1"]);
});

test("unless it is the one that all of it is for: what was delivered there, or is found already, is not sent there again", async () => {
  const to = "http://127.0.0.1:9/other";
  const elsewhere = delivery("8", "event_a", { state: "delivered", endpoint: to });
  const last = delivery("9", "event_b", { state: "failed", endpoint: "http://127.0.0.1:9/third" });
  expect((await find([failed, other, last, elsewhere], { state: "failed" }, 10, to)).ids).toEqual(["9"]);
});

describe("a replay as a new event, and one of that", () => {
  const fresh = delivery("8", "event_x", { state: "failed", direction: "replayed", replayOf: "1" });
  const state = "delivered";

  test("stands for what it was made of, as long as it has failed", async () => {
    expect((await find([failed, other, fresh], { state: "failed" })).ids).toEqual(["2", "8"]);
  });

  test("settles both once it was delivered", async () => {
    const last = delivery("9", "event_y", { state, direction: "replayed", replayOf: "8" });
    expect((await find([failed, other, fresh, last], { state: "failed" })).ids).toEqual(["2"]);
  });

  test("settles nothing at another endpoint", async () => {
    const elsewhere = delivery("9", "event_y", {
      state,
      replayOf: "1",
      endpoint: "http://127.0.0.1:9/other",
    });
    expect((await find([failed, elsewhere], { state: "failed" })).ids).toEqual(["1"]);
  });

  test("is another event where all are meant, failed or not", async () => {
    expect((await find([failed, fresh], {})).ids).toEqual(["1", "8"]);
  });
});

test("what is no event is told apart by its own id", async () => {
  const [one, two] = [delivery("9", "", { event: null }), delivery("0", "", { event: null })];
  expect((await find([one, two], {})).ids).toEqual(["9", "0"]);
});

function delivery(id: string, eventId: string, members: Partial<Delivery>): Delivery {
  const sample = sampleDelivery();
  return { ...sample, id, event: { ...sample.event!, id: eventId }, ...members };
}

async function find(
  deliveries: readonly Delivery[],
  filter: DeliveryFilter,
  limit = 10,
  to?: string,
): Promise<{ ids: string[]; hasMore: boolean }> {
  const history = createMemoryHistory();
  for (const each of deliveries) await history.append(each);
  const found = await findForReplay(history, filter, limit, to);
  return { ids: found.deliveries.map(({ id }) => id), hasMore: found.hasMore };
}
