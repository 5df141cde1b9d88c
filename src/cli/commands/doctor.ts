import { parseForward } from "../../delivery/forward.ts";
import { defineCommand, type Command } from "../command.ts";
import { listOption } from "../option.ts";
import { hostOption, issuerOption, issuerPortOption } from "./shared-options.ts";

const options = {
  forward: listOption("Where your app is, as the tunnel forwards to it; repeatable", parseForward, {
    alias: "f",
    placeholder: "[pattern=]port|path|URL",
    defaultText: "http://localhost:3000",
  }),
  issuer: { ...issuerOption, describe: "Kinde's issuer" },
  "issuer-port": issuerPortOption,
  host: { ...hostOption, describe: "The localtunnel server" },
} as const;

export const doctor: Command = defineCommand({
  name: "doctor",
  words: "[forward…]",
  wordsOption: "forward",
  elsewhere: { port: "forward", p: "forward", to: "forward" },
  describe: "Find what is wrong with what the other commands need, and say what to do; it changes nothing",
  options,
  examples: [
    ["npx kinde-devhook doctor", "with what is set and remembered; ends with 1 if something must be fixed"],
    ["npx kinde-devhook doctor 3000 --issuer https://acme.kinde.com", "before the first tunnel"],
    ["npx kinde-devhook doctor --json", "one record for each check"],
  ],
  run: async ({ options: values, given, context }) => {
    const { runDoctor } = await import("./tunnel-commands.ts");
    return await runDoctor(values, given, context);
  },
});
