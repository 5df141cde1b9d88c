/** The options that say which deliveries of the history are meant. None is a setting: they are about one question. */
import type { Delivery } from "../../delivery/delivery.ts";
import type { DeliveryFilter } from "../../history/delivery-filter.ts";
import { eventTypePatterns, parseEventTypePatterns } from "../../kinde/event-types.ts";
import { listOption, textOption, type Option } from "../option.ts";
import { nonEmpty, oneOf, pastTime } from "../values.ts";

const states = ["pending", "delivered", "failed"] as const;
const directions = ["relayed", "emitted", "replayed"] as const;

interface FilterOptions {
  readonly type: Option<readonly string[]>;
  readonly state: Option<Delivery["state"] | undefined>;
  readonly direction: Option<Delivery["direction"] | undefined>;
  readonly since: Option<number | undefined>;
  readonly org: Option<string | undefined>;
  readonly email: Option<string | undefined>;
}

export const filterOptions: FilterOptions = {
  type: listOption("Those of these event types; patterns too, as in 'user.*'", parseEventTypePatterns, {
    placeholder: "types",
    values: eventTypePatterns,
    isFlagOnly: true,
  }),
  state: textOption("Those in this state; pending is what is, or may be, attempted again", oneOf(...states), {
    values: states,
    isFlagOnly: true,
  }),
  direction: textOption(
    "Those that came from Kinde, were emitted here, or were replayed",
    oneOf(...directions),
    {
      values: directions,
      isFlagOnly: true,
    },
  ),
  since: textOption("Those with news since: 30m, 2h or 3d ago, or a date", pastTime, {
    placeholder: "time",
    isFlagOnly: true,
  }),
  org: textOption("Those that tell of this organization, by its code, id or name", nonEmpty, {
    placeholder: "code",
    isFlagOnly: true,
  }),
  email: textOption("Those that tell of an email address with this in it", nonEmpty, {
    placeholder: "text",
    isFlagOnly: true,
  }),
};

export type FilterValues = {
  readonly [Name in keyof FilterOptions]: ReturnType<FilterOptions[Name]["parse"]>;
};

/** What was given of them; `undefined` when nothing was. */
export function readFilter(values: FilterValues): DeliveryFilter | undefined {
  const { type, state, direction, since, org, email } = values;
  const filter = {
    types: type.length === 0 ? undefined : type.join(","),
    state,
    direction,
    since,
    org,
    email,
  };
  return Object.values(filter).every((value) => value === undefined) ? undefined : filter;
}
