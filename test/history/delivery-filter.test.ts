import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { createQuery, type DeliveryFilter } from "../../src/history/delivery-filter.ts";
import { createEvent } from "../../src/kinde/events.ts";
import type { EventType } from "../../src/kinde/event-data.ts";
import { signEvent } from "../../src/kinde/sign.ts";
import { signingKey } from "../helpers/keys.ts";
import { sampleDelivery } from "../delivery/sample-delivery.ts";
import { createTemporaryHistory, noon } from "./temporary-history.ts";

const user = await record("1", "user.created", {
  data: {
    user: {
      email: "Ada@Example.com",
      forgot: "bakery",
      organizations: [{ code: "org_ada", roles: [{ key: "editor" }] }],
    },
  },
});
const role = await record("2", "role.created", {}, { direction: "relayed", state: "failed" });
const organization = await record(
  "3",
  "organization.created",
  { data: { organization: { code: "org_b", name: "Bakery" } } },
  { direction: "replayed", state: "delivered", createdAt: new Date(noon).toISOString() },
);
const redacted = sampleDelivery({
  id: "dlv_4",
  token: "",
  isRedacted: true,
  claims: { type: "user.updated", data: { user: { email: "a…@example.com" } } },
  event: { type: "user.updated", id: "event_4", source: null, timestamp: "" },
});
const nothing = sampleDelivery({ id: "dlv_5", event: null, token: "email org_ada", direction: "relayed" });
const all = [user, role, organization, redacted, nothing];

test.each<[name: string, filter: DeliveryFilter, wanted: Delivery[]]>([
  ["nothing", {}, all],
  ["an event type", { types: "user.created" }, [user]],
  ["a pattern", { types: "user.*" }, [user, redacted]],
  ["several patterns", { types: "user.created,role.*" }, [user, role]],
  [
    "every event type, which what is no event has none of",
    { types: "*.*" },
    [user, role, organization, redacted],
  ],
  ["a state", { state: "failed" }, [role]],
  ["a direction", { direction: "relayed" }, [role, nothing]],
  ["a time", { since: noon }, [organization]],
  ["an organization's code", { org: "org_ada" }, [user]],
  ["an organization's name, in any case", { org: "bakery" }, [organization]],
  ["a part of an organization's code", { org: "org_" }, []],
  ["a role that somebody has in an organization", { org: "editor" }, []],
  ["an email address, in any case", { email: "ada@example.COM" }, [user]],
  ["a part of an email address", { email: "@example" }, [user, redacted]],
  ["several that all hold", { types: "user.*", email: "ada@" }, [user]],
  ["several of which one does not hold", { types: "role.*", email: "ada@" }, []],
])("a filter by %s finds what has it", async (_, filter, wanted) => {
  await using temporary = createTemporaryHistory();
  const history = temporary.open();
  for (const delivery of all) await history.append(delivery);
  const found = await history.list({ ...createQuery(filter), limit: 100 });
  expect(found.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id).toReversed());
});

async function record(
  id: string,
  type: EventType,
  options: object = {},
  members: Partial<Delivery> = {},
): Promise<Delivery> {
  const event = createEvent(type, options, { now: noon, randomBytes });
  return sampleDelivery({
    id: `dlv_${id}`,
    event: { type, id: event.event_id, source: event.source, timestamp: event.timestamp },
    token: await signEvent(event, signingKey),
    ...members,
  });
}
