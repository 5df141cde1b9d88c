import { closest } from "../../kinde/closest.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import { defineCommand, type Command } from "../command.ts";
import { switchOption, textOption } from "../option.ts";
import { wholeNumber } from "../values.ts";
import { filterOptions, readFilter } from "./filter-options.ts";
import { issuerPortOption, jsonTokenOption } from "./shared-options.ts";

export type HistoryAction = "list" | "show" | "clear";

const actions: readonly HistoryAction[] = ["list", "show", "clear"];
const defaultLimit = 20;

const options = {
  ...filterOptions,
  limit: textOption("With list: the latest so many", wholeNumber(1, 1_000_000), {
    placeholder: "n",
    defaultText: String(defaultLimit),
    isFlagOnly: true,
  }),
  follow: { ...switchOption("With list: what comes from now on, too, until Ctrl-C"), isFlagOnly: true },
  // A setting that was forgotten somewhere must not make this forget anything.
  yes: { ...switchOption("With clear: do not ask"), isFlagOnly: true },
  "issuer-port": issuerPortOption,
  "json-token": jsonTokenOption,
} as const;

/** Which options stand beside which action; those of all commands stand beside each. */
const optionsOfOne: Readonly<Record<HistoryAction, readonly string[]>> = {
  list: [...Object.keys(filterOptions), "limit", "follow"],
  show: [],
  clear: ["yes"],
};

export const history: Command = defineCommand({
  name: "history",
  words: "list|show <id|last>|clear",
  wordValues: [...actions, "last"],
  describe: "What was delivered, and what came of it: list it, show one delivery in full, forget all",
  options,
  examples: [
    ["npx kinde-devhook history", "the latest deliveries"],
    ["npx kinde-devhook history list --type 'user.*' --state failed --since 2h", "what was not delivered"],
    ["npx kinde-devhook history list --follow", "and whatever comes, from any process of the project"],
    ["npx kinde-devhook history show last", "claims, verification, headers, every attempt and its answer"],
    ["npx kinde-devhook history clear", "forget all of it"],
  ],
  run: async ({ words, options: values, given, context }) => {
    const { action, id } = readAction(words);
    assertNoneElse(action, given);
    const { runHistory } = await import("./deliver-commands.ts");
    return await runHistory({
      action,
      id,
      filter: readFilter(values),
      limit: values.limit ?? defaultLimit,
      isFollowed: values.follow,
      isSure: values.yes,
      issuerPort: values["issuer-port"],
      withToken: values["json-token"],
      context,
    });
  },
});

/** @throws {InvalidOptionError} `ERR_INVALID_OPTION` */
function readAction(words: readonly string[]): { action: HistoryAction; id: string } {
  const [word = "list", id, ...rest] = words;
  const action = actions.find((known) => known === word);
  if (action === undefined) throw unknownAction(word);
  const [surplus] = action === "show" ? rest : words.slice(1);
  if (surplus !== undefined) {
    throw new InvalidOptionError(
      "the command line",
      `no more words in history ${action}`,
      JSON.stringify(surplus),
    );
  }
  if (action === "show" && id === undefined) {
    throw new InvalidOptionError(
      "the delivery to show",
      "an id, as much of one as tells it from the others, or last",
      "nothing",
      "For example: npx kinde-devhook history show last",
    );
  }
  return { action, id: id ?? "" };
}

function unknownAction(word: string): InvalidOptionError {
  const isId = word === "last" || /^(dlv|event)_/.test(word);
  const nearest = isId ? `show ${word}` : closest(word, actions);
  return new InvalidOptionError(
    "the action of history",
    actions.join(", "),
    JSON.stringify(word),
    nearest === undefined ? undefined : `Did you mean \`npx kinde-devhook history ${nearest}\`?`,
  );
}

/** @throws {InvalidOptionError} `ERR_INVALID_OPTION` */
function assertNoneElse(action: HistoryAction, given: ReadonlySet<string>): void {
  for (const other of actions) {
    const flag = other === action ? undefined : optionsOfOne[other].find((each) => given.has(each));
    if (flag === undefined) continue;
    throw new InvalidOptionError(
      `--${flag}`,
      `it beside history ${other} alone`,
      `it beside history ${action}`,
    );
  }
}
