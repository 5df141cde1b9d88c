import { endpointOf, parseForward } from "../../delivery/forward.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import { parseAssignment } from "../../kinde/overrides.ts";
import { defineCommand, type Command } from "../command.ts";
import { listOption, switchOption, textOption } from "../option.ts";
import { nonEmpty, wholeNumber } from "../values.ts";
import { filterOptions, readFilter } from "./filter-options.ts";
import { readRealIssuer } from "./real-issuer.ts";
import {
  insecureOption,
  issuerOption,
  issuerPortOption,
  jsonTokenOption,
  timeoutOption,
} from "./shared-options.ts";

const defaultLimit = 100;

// What is changed, and where it goes, is said on the command line alone: `emit` has settings of these names.
const options = {
  ...filterOptions,
  limit: textOption("With such a filter: the latest so many", wholeNumber(1, 1_000_000), {
    placeholder: "n",
    defaultText: String(defaultLimit),
    isFlagOnly: true,
  }),
  to: textOption("Where to deliver; without it to the endpoint that it had", readEndpoint, {
    placeholder: "port|path|URL",
    isFlagOnly: true,
  }),
  "same-id": {
    ...switchOption("The same webhook-id, as in a retry of Kinde's; else it is a new one"),
    isFlagOnly: true,
  },
  fresh: { ...switchOption("As a new event: another event_id, and the time of now"), isFlagOnly: true },
  set: listOption("Change a claim, or a value under data; JSON where it parses as JSON", parseAssignment, {
    placeholder: "path=value",
    isFlagOnly: true,
  }),
  unset: listOption("Remove a value", nonEmpty, { placeholder: "path", isFlagOnly: true }),
  expect: textOption("The status that counts as delivered", wholeNumber(200, 599), {
    placeholder: "status",
    defaultText: "200",
  }),
  timeout: timeoutOption,
  insecure: insecureOption,
  issuer: { ...issuerOption, describe: "Kinde's issuer, whose keys the local issuer serves beside ours" },
  "issuer-port": issuerPortOption,
  "json-token": jsonTokenOption,
} as const;

export const replay: Command = defineCommand({
  name: "replay",
  words: "<id…|last>",
  wordValues: ["last"],
  describe: "Deliver again what the history has: the same bytes, or edited and signed anew",
  options,
  examples: [
    ["npx kinde-devhook replay last", "the latest delivery again, byte for byte"],
    ["npx kinde-devhook replay --state failed --since 2h", "what was not delivered, the oldest first"],
    [
      "npx kinde-devhook replay last --set user.email=ada@example.com --to 3001/api/webhook",
      "edited, signed with this project's key, to another app",
    ],
    ["npx kinde-devhook replay last --same-id", "a duplicate: does the handler act once?"],
    ["npx kinde-devhook replay last --fresh", "as a new event, of now"],
  ],
  run: async ({ words, options: values, given, context }) => {
    const filter = readFilter(values);
    if (words.length === 0 && filter === undefined) {
      throw new InvalidOptionError(
        "the deliveries to replay",
        "ids, last, or a filter as in --state failed",
        "none",
        "For example: npx kinde-devhook replay last",
      );
    }
    const beside = Object.keys({ ...filterOptions, limit: true }).find((flag) => given.has(flag));
    if (beside !== undefined && words.length > 0) {
      throw new InvalidOptionError(`--${beside}`, "it without ids", `it beside ${JSON.stringify(words[0])}`);
    }
    if (values.fresh && values["same-id"]) {
      throw new InvalidOptionError("--same-id", "none beside --fresh, which makes another event", "both");
    }
    const realIssuer = readRealIssuer(values.issuer, values["issuer-port"], context).issuer;
    const { runReplay } = await import("./deliver-commands.ts");
    return await runReplay({
      ids: words,
      filter: filter ?? {},
      limit: values.limit ?? defaultLimit,
      edits: {
        to: values.to?.href,
        set: values.set,
        unset: values.unset,
        isFresh: values.fresh,
        isSameId: values["same-id"],
      },
      expectedStatus: values.expect,
      timeoutMs: values.timeout,
      isInsecure: values.insecure,
      issuerPort: values["issuer-port"],
      realIssuer,
      withToken: values["json-token"],
      context,
    });
  },
});

/** One endpoint for all: which deliveries are meant, the filters say. */
function readEndpoint(text: string, option: string): URL {
  const forward = parseForward(text, option);
  if (forward.pattern === undefined) return endpointOf(forward);
  throw new InvalidOptionError(
    option,
    "port|path|URL",
    JSON.stringify(text),
    `Here --type says which event types: --type ${forward.pattern} --to ${forward.text.slice(forward.pattern.length + 1)}`,
  );
}
