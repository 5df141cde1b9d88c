/** The webhooks of a mock, as a test registers, removes and switches them. */
import type { RunningMock } from "../app/open-mock.ts";
import { InvalidOptionError } from "../kinde/errors.ts";
import { isText, parseOption } from "../kinde/parse-option.ts";
import type { RegisteredWebhook } from "../kinde/webhook.ts";
import type { MockKinde } from "./mock-kinde.ts";
import { readWebhook } from "./mock-options.ts";

type WebhookMethods = Pick<
  MockKinde,
  "registerWebhook" | "removeWebhook" | "enableWebhook" | "disableWebhook"
>;

/** @param assertOpen throws when the mock has been closed; told what can't be done then */
export function createMockWebhooks(
  mock: RunningMock,
  maxWebhooks: number | undefined,
  assertOpen: (verb: string) => void,
): WebhookMethods {
  /** @param change `undefined` when there is no webhook with this id */
  const changed = <Result>(
    verb: "enable" | "disable" | "remove",
    id: unknown,
    change: (id: string) => Result | undefined,
  ): Result => {
    assertOpen(`${verb} a webhook`);
    const option = `id of ${verb}Webhook`;
    const result = change(parseOption(option, id, "the id of a webhook", isText));
    if (result !== undefined) return result;
    const ids = mock.webhooks.map((webhook) => webhook.id);
    throw new InvalidOptionError(
      option,
      ids.join(", ") || "a webhook, and there is none",
      JSON.stringify(id),
    );
  };
  const setDisabled = (verb: "enable" | "disable", given: unknown): RegisteredWebhook =>
    changed(verb, given, (id) => mock.setDisabled(id, verb === "disable"));
  return {
    registerWebhook: (options) => {
      assertOpen("register a webhook");
      const webhook = readWebhook(options, "the webhook of registerWebhook");
      if (maxWebhooks !== undefined && mock.webhooks.length >= maxWebhooks) {
        const most = `${maxWebhooks} webhooks at most, for maxWebhooks says so`;
        throw new InvalidOptionError("registerWebhook", most, String(mock.webhooks.length + 1));
      }
      return mock.registerWebhook(webhook);
    },
    removeWebhook: (given) => {
      changed("remove", given, (id) => mock.removeWebhook(id) || undefined);
    },
    enableWebhook: (id) => setDisabled("enable", id),
    disableWebhook: (id) => setDisabled("disable", id),
  };
}
