/** Options that several commands have. */
import { parseWebhook, type Forward } from "../../delivery/forward.ts";
import type { Client } from "../../issuer/routes/oauth.ts";
import { listOption, switchOption, textOption, type Option } from "../option.ts";
import { clientCredentials, duration, nonEmpty, originUrl, speed, wholeNumber } from "../values.ts";

export const issuerPortOption: Option<number> = textOption(
  "The port of the local issuer",
  wholeNumber(1, 65_535),
  { placeholder: "port", defaultText: "4455" },
  4455,
);

/** Milliseconds; `undefined` leaves it to whoever delivers. */
export const timeoutOption: Option<number | undefined> = textOption(
  "How long the app may take for its answer",
  duration,
  { placeholder: "time", defaultText: "30s" },
);

export const speedOption: Option<number | undefined> = textOption(
  "How many times as fast retries come; 60 makes a minute of an hour",
  speed,
  { placeholder: "n", defaultText: "1" },
);

export const insecureOption: Option<boolean> = switchOption("Take any certificate of an app on https");

export const jsonTokenOption: Option<boolean> = switchOption("With --json, the tokens too");

/** A text, and the place that gave it. */
export interface Named {
  readonly text: string;
  readonly origin: string;
}

export const issuerOption: Option<Named | undefined> = textOption(
  "Kinde's issuer, whose webhooks are let in; remembered",
  (text, origin) => ({ text: nonEmpty(text, origin), origin }),
  { placeholder: "URL" },
);

export const defaultHost = "https://localtunnel.me";

export const hostOption: Option<URL | undefined> = textOption(
  "The localtunnel server; remembered",
  originUrl,
  { placeholder: "URL", defaultText: defaultHost },
);

export const webhookOption: Option<readonly Forward[]> = listOption(
  "Deliver what is emitted to this endpoint; repeatable",
  parseWebhook,
  { placeholder: "URL[=types]", separator: /\s+/ },
);

export const clientOption: Option<Client | undefined> = textOption(
  "The one application that gets access tokens; without it any does",
  clientCredentials,
  { placeholder: "id:secret" },
);

export const noInspectorOption: Option<boolean> = switchOption(
  "Serve no page that shows the deliveries, under /_devhook/",
);
