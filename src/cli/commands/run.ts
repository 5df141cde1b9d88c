import { endpointOf, parseForward } from "../../delivery/forward.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import { eventTypePatterns, matchEventTypes } from "../../kinde/event-types.ts";
import { defineCommand, type Command } from "../command.ts";
import { listOption, textOption } from "../option.ts";
import { wholeNumber } from "../values.ts";
import { clientOption, jsonTokenOption, timeoutOption, webhookOption } from "./shared-options.ts";

const options = {
  webhook: webhookOption,
  emit: listOption(
    "Emit once the endpoints listen; one that is not delivered makes exit code 0 a 1; repeatable",
    matchEventTypes,
    { placeholder: "pattern,…", values: eventTypePatterns },
  ),
  "wait-on": textOption(
    "With --emit: wait up to 60 s for this to listen, not for the endpoints",
    readWaitOn,
    { placeholder: "[URL]", isValueOptional: true },
  ),
  client: clientOption,
  timeout: timeoutOption,
  // By a name of its own: what the project sets as issuer-port is for what runs beside each other and shares.
  port: {
    ...textOption(
      "The port of the fake Kinde, in place of one that is free",
      wholeNumber(1, 65_535),
      { placeholder: "port" },
      0,
    ),
    alias: "issuer-port",
  },
  "json-token": jsonTokenOption,
} as const;

const example = "npx kinde-devhook run -- npm test";

export const run: Command = defineCommand({
  name: "run",
  words: "-- <command…>",
  takesCommand: true,
  describe:
    "Run a command with a fake Kinde beside it; the exit code is the command's. With --json its output goes to stderr",
  options,
  examples: [
    [example, "your tests, with KINDE_ISSUER_URL and its kin set for them"],
    [
      "npx kinde-devhook run --webhook http://localhost:3000/api/webhook --emit user.created -- npm start",
      "a server, and an event for it as soon as it listens",
    ],
    [
      "npx kinde-devhook run --client my-app:my-secret -- npm test",
      "access tokens for this application alone",
    ],
  ],
  run: async ({ words, options: values, given, context }) => {
    if (words.length === 0 || words[0] === "") {
      throw new InvalidOptionError("the command line", "a command to run", "none", `For example: ${example}`);
    }
    if (values.emit.length > 0 && values.webhook.length === 0 && values["wait-on"] === undefined) {
      throw new InvalidOptionError(
        "--emit",
        "an endpoint to deliver to",
        "none",
        "Add --webhook http://localhost:3000/api/webhook; or, where the command itself registers one, --wait-on with its URL.",
      );
    }
    if (given.has("wait-on") && values.emit.length === 0) {
      throw new InvalidOptionError("--wait-on", "--emit beside it", "none", "Without it nothing waits.");
    }
    const { runCommand } = await import("./deliver-commands.ts");
    return await runCommand(words, values, context);
  },
});

/** `--wait-on` alone means the endpoints, which are waited for in any case; a setting may say `true` or `false`. */
function readWaitOn(text: string, option: string): URL | undefined {
  const isBare = ["", "true", "1", ...(option === "--wait-on" ? [] : ["false", "0"])].includes(text);
  return isBare ? undefined : endpointOf(parseForward(text, option));
}
