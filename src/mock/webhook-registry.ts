/** The webhooks of the fake Kinde, as its Management API registers, changes and removes them. */
import type { EventType } from "../kinde/event-data.ts";
import { createWebhookId, type Origin } from "../kinde/ids.ts";
import type { RegisteredWebhook } from "../kinde/webhook.ts";

/** What a webhook is made of. */
export interface WebhookOrder {
  readonly endpoint: string;
  readonly eventTypes: readonly EventType[];
  readonly name: string;
  readonly description: string | null;
}

/** What of a webhook can change: Kinde has no way to move one to another endpoint. */
export type WebhookChange = Partial<Omit<WebhookOrder, "endpoint">>;

export interface WebhookRegistryOptions {
  /** Those that are there from the start. */
  readonly webhooks: readonly WebhookOrder[];
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly randomBytes: Origin["randomBytes"];
  /** Called with all of them after a change. */
  readonly onChange?: ((webhooks: readonly RegisteredWebhook[]) => void) | undefined;
  /** Called with the id of one that has been removed. */
  readonly onRemove?: ((id: string) => void) | undefined;
}

export interface WebhookRegistry {
  /** In the order in which they were registered. */
  list(): readonly RegisteredWebhook[];
  create(order: WebhookOrder): RegisteredWebhook;
  /** @returns `undefined` when there is none with this id */
  update(id: string, change: WebhookChange): RegisteredWebhook | undefined;
  /** Lets it get nothing, or something again. @returns `undefined` when there is none with this id */
  setDisabled(id: string, isDisabled: boolean): RegisteredWebhook | undefined;
  /** @returns whether there was one */
  remove(id: string): boolean;
  /** Those from the start again, and no others. */
  restore(): void;
}

export function createWebhookRegistry(options: WebhookRegistryOptions): WebhookRegistry {
  const { now, randomBytes, onChange } = options;
  const make = (order: WebhookOrder): RegisteredWebhook => ({
    id: createWebhookId(randomBytes),
    ...order,
    createdOn: new Date(now()).toISOString(),
    isDisabled: false,
  });
  const initial = freeze(options.webhooks.map(make));
  // Replaced as a whole with each change, so that whoever holds a list keeps what he was shown.
  let webhooks = initial;
  const replaceWith = (changed: readonly RegisteredWebhook[]): void => {
    webhooks = freeze(changed);
    onChange?.(webhooks);
  };
  const change = (id: string, members: Partial<RegisteredWebhook>): RegisteredWebhook | undefined => {
    const known = webhooks.find((webhook) => webhook.id === id);
    if (known === undefined) return undefined;
    if (Object.keys(members).length === 0 || members.isDisabled === known.isDisabled) return known;
    const changed = { ...known, ...members };
    replaceWith(webhooks.map((webhook) => (webhook === known ? changed : webhook)));
    return changed;
  };
  return {
    list: () => webhooks,
    create: (order) => {
      const made = make(order);
      replaceWith([...webhooks, made]);
      return made;
    },
    update: change,
    setDisabled: (id, isDisabled) => change(id, { isDisabled }),
    remove: (id) => {
      const left = webhooks.filter((webhook) => webhook.id !== id);
      if (left.length === webhooks.length) return false;
      replaceWith(left);
      options.onRemove?.(id);
      return true;
    },
    restore: () => {
      if (webhooks !== initial) replaceWith(initial);
    },
  };
}

/** Whoever is shown the webhooks may not, by changing one, change where events go. */
function freeze(webhooks: readonly RegisteredWebhook[]): readonly RegisteredWebhook[] {
  for (const webhook of webhooks) {
    Object.freeze(webhook.eventTypes);
    Object.freeze(webhook);
  }
  return Object.freeze(webhooks);
}
