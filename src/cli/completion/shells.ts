/**
 * What each shell gets: the script to install, and what that asks for at the Tab key.
 * One file for both: loaded apart they would part what every start loads into one file more.
 */
import type { Shell } from "../commands/completion.ts";
import bash from "./kinde-devhook.bash";
import fish from "./kinde-devhook.fish";
import zsh from "./kinde-devhook.zsh";

export { answerTab } from "./answer.ts";

export const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
