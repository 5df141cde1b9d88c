import { InvalidOptionError } from "../../kinde/errors.ts";
import { defineCommand, type Command } from "../command.ts";
import { switchOption, textOption } from "../options.ts";
import { wholeNumber } from "../values.ts";
import {
  clientOption,
  issuerPortOption,
  jsonTokenOption,
  timeoutOption,
  webhookOption,
} from "./shared-options.ts";

const options = {
  webhook: webhookOption,
  client: clientOption,
  strict: switchOption("Take https endpoints alone when a webhook is registered, as Kinde does"),
  "max-webhooks": textOption("How many webhooks there may be; a free plan has 1", wholeNumber(0, 10_000), {
    placeholder: "n",
  }),
  timeout: timeoutOption,
  "issuer-port": { ...issuerPortOption, alias: "port" },
  "json-token": jsonTokenOption,
} as const;

export const mock: Command = defineCommand({
  name: "mock",
  words: "",
  describe: "Run a fake Kinde until Ctrl-C: a JWKS for your app, and webhooks for what is emitted",
  options,
  examples: [
    ["npx kinde-devhook mock", "a JWKS at http://localhost:4455"],
    [
      "npx kinde-devhook mock --webhook http://localhost:3000/api/webhook",
      "what is emitted goes to your app",
    ],
    [
      "npx kinde-devhook mock --webhook 'http://localhost:3000/users=user.*' --port 4460",
      "some event types, another port",
    ],
    ["npx kinde-devhook mock --client my-app:my-secret", "access tokens for this application alone"],
  ],
  run: async ({ words, options: values, context }) => {
    if (words.length > 0) {
      throw new InvalidOptionError(
        "the command line",
        "no words after mock",
        JSON.stringify(words[0]),
        "Endpoints are given with --webhook.",
      );
    }
    const { runMock } = await import("./mock-run.ts");
    return await runMock(values, context);
  },
});
