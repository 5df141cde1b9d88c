import { expect, test } from "vitest";
import { describeOtherTunnel } from "../../../src/cli/commands/other-tunnel.ts";

const hooks = "https://hooks.example.com";
const ngrok = { tunnel: { provider: "ngrok" } };
const own = { tunnel: { publicUrl: hooks, intakePort: 4460 } };

test.each([
  ["nothing is set or remembered", {}, {}, undefined],
  ["a URL is set", { "public-url": hooks }, {}, `a tunnel of your own, ${hooks}`],
  ["ngrok is set", { provider: "ngrok" }, {}, "ngrok"],
  ["ngrok is remembered", {}, ngrok, "ngrok (remembered)"],
  ["a URL is remembered", {}, own, `a tunnel of your own, ${hooks} (remembered)`],
  ["another is set than is remembered", { provider: "localtunnel" }, own, undefined],
  ["a URL is set, and ngrok remembered", { "public-url": hooks }, ngrok, `a tunnel of your own, ${hooks}`],
  ["what is remembered can't be read", {}, { tunnel: "x" }, undefined],
  ["what is remembered is not known here", {}, { tunnel: { provider: "carrier-pigeon" } }, undefined],
])("where %s", (_what, flags: Readonly<Record<string, string>>, state, expected) => {
  const settings = {
    flag: (name: string) =>
      flags[name] === undefined ? undefined : { value: flags[name], origin: name, isText: true },
  };
  expect(describeOtherTunnel(settings, state)).toBe(expected);
});
