import type { LiveMessage, Status } from "../protocol.ts";
import { createApi, exchangeTicket, type Api } from "./api.ts";
import { createDeliveries, type DeliveryList } from "./deliveries.ts";
import { openLive, type Connection } from "./live.ts";
import { openSession, type Session } from "./session.ts";
import { createStore, type Store } from "./store.ts";

/** All that the page knows, apart from what its reader does. */
export interface Inspector {
  readonly api: Api;
  readonly session: Session;
  readonly connection: Store<Connection>;
  readonly status: Store<Status | undefined>;
  readonly deliveries: Store<DeliveryList>;
}

/** @param base `http://localhost:4455/_devhook/` */
export function openInspector(base: URL): Inspector {
  const status = createStore<Status | undefined>(undefined);
  const deliveries = createDeliveries();
  const session = openSession((ticket) => exchangeTicket(base, ticket));
  const api = createApi(base, () => session.token.get());
  const take = (message: LiveMessage): void => {
    switch (message.kind) {
      case "hello":
        status.set(message.status);
        deliveries.begin();
        break;
      case "status":
        status.set(message.status);
        break;
      case "deliveries":
        deliveries.addPart(message.deliveries, message.isLast);
        break;
      case "delivery":
        deliveries.put(message.delivery);
        break;
      case "cleared":
        deliveries.clear();
        break;
      default:
        // A later build may say more: the page is loaded anew then.
        message satisfies never;
    }
  };
  const connection = openLive({ base, session, ask: () => api.status(), onMessage: take });
  return { api, session, connection, status, deliveries: deliveries.store };
}
