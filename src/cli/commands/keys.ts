import { closest } from "../../kinde/closest.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import { defineCommand, type Command } from "../command.ts";
import { switchOption } from "../option.ts";
import { runKeys, type KeysAction } from "./keys-run.ts";

const actions: readonly KeysAction[] = ["show", "rotate", "retire", "export"];

const options = {
  private: switchOption("With export: the private key, as JWK"),
  pem: switchOption("With export: the key that signs, as PEM"),
} as const;

export const keys: Command = defineCommand({
  name: "keys",
  words: "show|rotate|retire [kid]|export",
  wordValues: actions,
  describe: "The project's signing keys: list them, have a new one sign, drop the old ones, export them",
  options,
  examples: [
    ["npx kinde-devhook keys show", "the key ids, and the public key that verifies what is signed now"],
    ["npx kinde-devhook keys rotate", "a new key signs, in running commands too; the old one still verifies"],
    ["npx kinde-devhook keys retire", "drop the old keys: what they signed verifies no more"],
    ["npx kinde-devhook keys export > jwks.json", "the JWKS, as the local issuer serves it"],
    ["npx kinde-devhook keys export --private > signing-key.json", "the private key, for importSigningKey"],
  ],
  run: async ({ words, options: values, given, context: { project, reporter } }) => {
    const { action, kids } = readAction(words);
    if (action !== "export") assertNoneOf(["private", "pem"], given, action);
    const form = {
      // Of the command line alone: a setting that was forgotten somewhere must not make this print it.
      isPrivate: values.private && given.has("private"),
      isPem: values.pem,
    };
    await runKeys(action, kids, form, { project, reporter });
    return 0;
  },
});

/** @throws {InvalidOptionError} `ERR_INVALID_OPTION` */
function readAction(words: readonly string[]): { action: KeysAction; kids: readonly string[] } {
  const [word, ...rest] = words;
  const action = actions.find((known) => known === word);
  if (action === undefined) {
    const nearest = word === undefined ? undefined : closest(word, actions);
    throw new InvalidOptionError(
      "the action of keys",
      actions.join(", "),
      word === undefined ? "nothing" : JSON.stringify(words.join(" ")),
      nearest === undefined ? undefined : `Did you mean \`npx kinde-devhook keys ${nearest}\`?`,
    );
  }
  if (action === "retire" || rest.length === 0) return { action, kids: rest };
  throw new InvalidOptionError("the command line", `no words after keys ${action}`, JSON.stringify(rest[0]));
}

/** @throws {InvalidOptionError} `ERR_INVALID_OPTION` */
function assertNoneOf(flags: readonly string[], given: ReadonlySet<string>, action: KeysAction): void {
  const flag = flags.find((one) => given.has(one));
  if (flag === undefined) return;
  throw new InvalidOptionError(`--${flag}`, "it beside keys export alone", `it beside keys ${action}`);
}
