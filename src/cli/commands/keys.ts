import { join } from "node:path";
import { systemClock } from "../../delivery/clock.ts";
import { closest } from "../../kinde/closest.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import { loadSigningKey } from "../../project/keys-file.ts";
import { defineCommand, type Command } from "../command.ts";
import { warnIfExposed } from "../warnings.ts";

const actions = ["show"];

export const keys: Command = defineCommand({
  name: "keys",
  words: "show",
  wordValues: actions,
  describe: "The project's signing key: its id and public part",
  options: {},
  examples: [["npx kinde-devhook keys show", "the key id and the public key as JWK"]],
  run: async ({ words, context: { project, reporter } }) => {
    assertAction(words);
    const key = await loadSigningKey(project, systemClock.now());
    warnIfExposed(key, project, reporter);
    const { kid, publicJwk } = key.signingKey;
    reporter.record({ record: "key", kid, createdAt: key.createdAt, publicJwk });
    if (reporter.isJson) return 0;
    reporter.print(`${reporter.paint("bold", kid)}  ${reporter.paint("dim", `made ${key.createdAt}`)}`);
    reporter.print(JSON.stringify(publicJwk, undefined, 2));
    reporter.note(`The private key is in ${join(project.directory, "keys.json")}.`);
    return 0;
  },
});

function assertAction(words: readonly string[]): void {
  const [action = "nothing", ...rest] = words;
  if (actions.includes(action) && rest.length === 0) return;
  const nearest = closest(action, actions);
  throw new InvalidOptionError(
    "the action of keys",
    actions.join(", "),
    words.length === 0 ? "nothing" : JSON.stringify(words.join(" ")),
    nearest === undefined ? undefined : `Did you mean \`npx kinde-devhook keys ${nearest}\`?`,
  );
}
