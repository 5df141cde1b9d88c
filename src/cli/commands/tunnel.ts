import { parseForward } from "../../delivery/forward.ts";
import { eventTypePatterns, matchEventTypes } from "../../kinde/event-types.ts";
import { parseRetrySchedule } from "../../kinde/retry-schedule.ts";
import { parseSubdomain } from "../../tunnel/subdomain.ts";
import { defineCommand, type Command } from "../command.ts";
import { listOption, switchOption, textOption, type Option } from "../option.ts";
import { headerLine, holdTime, oneOf, originUrl, wholeNumber } from "../values.ts";
import {
  hostOption,
  insecureOption,
  issuerOption,
  issuerPortOption,
  jsonTokenOption,
  noInspectorOption,
  timeoutOption,
} from "./shared-options.ts";
import type { KindOptions } from "./tunnel-kind.ts";

const providers = ["localtunnel", "ngrok"] as const;

const defaultHoldMs = 10_000;

/** What says which tunnel it is. */
export const kindOptions: { readonly [Flag in keyof KindOptions]: Option<KindOptions[Flag]> } = {
  subdomain: textOption(
    "The name at the localtunnel server; made once and remembered without",
    parseSubdomain,
    {
      alias: "s",
      placeholder: "name",
    },
  ),
  "any-subdomain": switchOption("Take another name when this one is taken; the URL then changes"),
  host: hostOption,
  provider: textOption("Whose tunnel it is; remembered", oneOf(...providers), {
    values: providers,
    defaultText: "localtunnel",
  }),
  "public-url": textOption(
    "A tunnel of your own instead, that leads to --intake-port; remembered",
    originUrl,
    {
      placeholder: "URL",
    },
  ),
  "intake-port": textOption(
    "The port that --public-url leads to, or ngrok; remembered",
    wholeNumber(1, 65_535),
    { placeholder: "port" },
  ),
};

const options = {
  forward: listOption(
    "Where to forward to; repeatable, with a pattern before it by event type; remembered",
    parseForward,
    {
      alias: "f",
      placeholder: "[pattern=]port|path|URL",
      defaultText: "http://localhost:3000",
    },
  ),
  issuer: issuerOption,
  ...kindOptions,
  "event-types": listOption(
    "Pass on these only; others are answered 200",
    (text) => {
      matchEventTypes(text);
      return text;
    },
    { placeholder: "pattern,…", values: eventTypePatterns },
  ),
  header: listOption("A header to add for the app; repeatable", headerLine, {
    alias: "H",
    placeholder: "'Name: value'",
    separator: "\n",
  }),
  timeout: timeoutOption,
  hold: textOption(
    "How long a webhook waits for an app that is just restarting; 0 for not at all",
    holdTime,
    { placeholder: "time", defaultText: "10s" },
    defaultHoldMs,
  ),
  concurrency: textOption(
    "How many webhooks an endpoint gets at once, 1 in their order; without it as they come",
    wholeNumber(1, 100),
    { placeholder: "n" },
  ),
  insecure: insecureOption,
  "allow-old": switchOption("Let in events older than 72 h"),
  "allow-unverified": switchOption("Let in everything that is POSTed, signed or not: for trying things out"),
  shield: switchOption(
    "Answer Kinde 200 at once, and bring each webhook to your app from here until it takes it",
  ),
  "retry-schedule": textOption(
    "When --shield tries your app again: kinde is 5s, 30s, 2m, 10m, 1h, 4h, 12h, 12h",
    parseRetrySchedule,
    { placeholder: "5s,30s,…|kinde", defaultText: "kinde" },
  ),
  "no-history": switchOption("Keep no record of what passes"),
  "no-inspector": noInspectorOption,
  redact: switchOption(
    "Mask e-mail addresses, names, phone numbers and IPs in history and output; keep no token",
  ),
  "issuer-port": issuerPortOption,
  "json-token": jsonTokenOption,
} as const;

export const tunnel: Command = defineCommand({
  name: "tunnel",
  words: "[forward…]",
  wordsOption: "forward",
  elsewhere: { port: "forward", p: "forward", to: "forward" },
  describe:
    "Bring Kinde's webhooks to your app: a public URL, and a gate that lets in only what Kinde signed",
  options,
  examples: [
    [
      "npx kinde-devhook tunnel 3000 --issuer https://acme.kinde.com",
      "the first time: your app's port, and whose webhooks to let in",
    ],
    ["npx kinde-devhook tunnel", "from then on: all of it is remembered, the URL stays the same"],
    ["npx kinde-devhook tunnel 3000/hooks/kinde", "to one path, whatever path Kinde calls"],
    [
      "npx kinde-devhook tunnel -f 'user.*=3000/users' -f 4000/audit",
      "by event type; every forward that matches gets the event",
    ],
    ["npx kinde-devhook tunnel 3000 --provider ngrok", "through the ngrok that you have installed"],
    [
      "npx kinde-devhook tunnel 3000 --public-url https://hooks.example.com --intake-port 4460",
      "through cloudflared or any other tunnel",
    ],
    [
      "npx kinde-devhook tunnel --shield",
      "answer Kinde at once, and try your app again from here until it takes the webhook",
    ],
  ],
  run: async ({ options: values, given, context }) => {
    const { runTunnel } = await import("./tunnel-commands.ts");
    return await runTunnel(values, given, context);
  },
});
