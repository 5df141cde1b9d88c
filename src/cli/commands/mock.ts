import { InvalidOptionError } from "../../kinde/errors.ts";
import { findRealIssuer } from "../../trust/real-issuer.ts";
import { defineCommand, type Command } from "../command.ts";
import { switchOption, textOption } from "../option.ts";
import type { Reporter } from "../output/reporter.ts";
import { wholeNumber } from "../values.ts";
import {
  clientOption,
  issuerOption,
  issuerPortOption,
  jsonTokenOption,
  noInspectorOption,
  speedOption,
  timeoutOption,
  webhookOption,
  type Named,
} from "./shared-options.ts";

const options = {
  webhook: webhookOption,
  client: clientOption,
  strict: switchOption("Take https endpoints alone when a webhook is registered, as Kinde does"),
  "max-webhooks": textOption("How many webhooks there may be; a free plan has 1", wholeNumber(0, 10_000), {
    placeholder: "n",
  }),
  speed: speedOption,
  "no-resume": switchOption("Call off what an earlier mock has left to deliver"),
  issuer: {
    ...issuerOption,
    describe:
      "Kinde's issuer: its keys are served too, and it gets what the mock has not. Given on the command line alone",
    isFlagOnly: true,
  },
  timeout: timeoutOption,
  "no-inspector": noInspectorOption,
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
    [
      "npx kinde-devhook mock --webhook http://localhost:3000/api/webhook --speed 3600",
      "retries of hours within seconds",
    ],
    ["npx kinde-devhook mock --client my-app:my-secret", "access tokens for this application alone"],
    [
      "npx kinde-devhook mock --issuer https://acme.kinde.com",
      "for an app that people log in to: the keys and pages of your Kinde beside the mock",
    ],
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
    const { runMock } = await import("./deliver-commands.ts");
    const realIssuer = readIssuer(values.issuer, values["issuer-port"], context.reporter);
    return await runMock(values, realIssuer, context);
  },
});

/**
 * Of `--issuer` and nowhere else, so that a mock in CI calls nobody whose name stands in a variable of the app.
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
function readIssuer(option: Named | undefined, issuerPort: number, reporter: Reporter): string | undefined {
  if (option === undefined) return undefined;
  const { issuer } = findRealIssuer([{ ...option, isForApp: false }], issuerPort);
  if (issuer !== null) return issuer;
  reporter.record({
    record: "warning",
    code: "WARN_ISSUER_IS_LOCAL",
    message:
      "--issuer names this mock itself, and is passed over: give your Kinde domain, as in --issuer https://acme.kinde.com",
  });
  return undefined;
}
