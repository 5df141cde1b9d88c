/** Whether everything that is set is read: a name that is misspelt would be passed over without a word. */
import { failOf, pass, warn, type Finding } from "../../app/diagnoses/finding.ts";
import { closest } from "../../kinde/closest.ts";
import { isUserError, type DevhookError } from "../../kinde/errors.ts";
import { camelCase, variableOf, type SettingName, type Settings } from "../../project/settings.ts";
import { commonOptions } from "../command.ts";
import { settingTexts } from "../options.ts";
import { allOptions, commandNames, findCommand } from "./commands.ts";

// Variables that are no flags.
const otherVariables = ["home", "url", "token", "ngrok-api"];
const neverSet = new Set(["help", "version"]);

/**
 * One finding for each mistake, or one that there is none. A value that can be read is not shown: it may be a secret.
 * @param contradiction what each can be read, and does not go together
 */
export function checkSettings(
  settings: Settings,
  contradiction: DevhookError | undefined,
): readonly Finding[] {
  const names = settings.names();
  const mistakes = [...names.flatMap(findUnknown), ...findInvalid(settings)];
  const together = contradiction === undefined ? undefined : failOf(contradiction);
  // A single value that can't be read is told already.
  if (together !== undefined && !mistakes.some(({ message }) => message === together.message)) {
    mistakes.push(together);
  }
  if (mistakes.length > 0) return mistakes;
  return [pass(names.length === 0 ? "none" : names.map(({ origin }) => origin).join(", "))];
}

function findUnknown({ name, origin, isVariable }: SettingName): Finding[] {
  const known = isVariable ? knownVariables() : knownKeys();
  if (known.includes(name)) return [];
  const nearest = closest(name, known);
  const advice =
    nearest === undefined
      ? "Take it away; `npx kinde-devhook <command> --help` lists what can be set."
      : `Did you mean ${nearest}?`;
  return [warn("WARN_UNKNOWN_SETTING", `${origin} sets nothing: no command has such an option`, advice)];
}

function findInvalid(settings: Settings): Finding[] {
  const findings = new Map<string, Finding>();
  for (const { options } of commandNames.map(findCommand)) {
    for (const [flag, option] of Object.entries({ ...commonOptions, ...options })) {
      const setting = option.isFlagOnly === true ? undefined : settings.flag(flag);
      if (setting === undefined || neverSet.has(flag)) continue;
      try {
        option.parse(settingTexts(setting, option), setting.origin);
      } catch (error) {
        if (!isUserError(error)) throw error;
        // Several commands have the option; the first says it.
        if (!findings.has(setting.origin)) findings.set(setting.origin, failOf(error));
      }
    }
  }
  return [...findings.values()];
}

function knownFlags(): string[] {
  return Object.keys(allOptions).filter((flag) => !neverSet.has(flag));
}

function knownVariables(): string[] {
  return [...knownFlags(), ...otherVariables].map(variableOf);
}

function knownKeys(): string[] {
  // What names the file itself can't stand in it.
  return knownFlags().flatMap((flag) => (flag === "config" ? [] : [flag, camelCase(flag)]));
}
