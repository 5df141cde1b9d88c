import { expect, test } from "vitest";
import { readOtherTunnel } from "../../../src/cli/commands/other-tunnel.ts";
import type { Settings } from "../../../src/project/settings.ts";
import type { RememberedTunnel } from "../../../src/project/state-file.ts";

const hooks = "https://hooks.example.com";
const ngrok: RememberedTunnel = { provider: "ngrok" };
const own: RememberedTunnel = { publicUrl: hooks, intakePort: 4_460 };

function settingsOf(flags: Readonly<Record<string, string>>): Settings {
  return {
    flag: (name) => {
      const value = flags[name];
      return value === undefined ? undefined : { value, origin: name, isText: true };
    },
    variable: () => undefined,
    names: () => [],
  };
}

test.each([
  ["nothing is set or remembered", {}, undefined, undefined],
  ["a URL and its port are set", { "public-url": hooks, "intake-port": "1" }, undefined, `own, ${hooks}`],
  ["ngrok is set", { provider: "ngrok" }, undefined, "ngrok"],
  ["ngrok is remembered", {}, ngrok, "ngrok (remembered)"],
  ["a URL is remembered", {}, own, `own, ${hooks} (remembered)`],
  ["localtunnel is set, and another remembered", { provider: "localtunnel" }, own, undefined],
  ["a localtunnel server is set, and another remembered", { host: "http://localhost:1" }, ngrok, undefined],
  ["a name is set, and another remembered", { subdomain: "acme-hooks" }, ngrok, undefined],
  ["a URL is set, and ngrok remembered", { "public-url": hooks, "intake-port": "1" }, ngrok, `own, ${hooks}`],
  ["what is remembered can't be read", {}, { publicUrl: "not a url", intakePort: 1 }, undefined],
])("where %s, it is what bare `tunnel` opens", (_what, flags: Record<string, string>, remembered, words) => {
  expect(readOtherTunnel(settingsOf(flags), remembered)).toEqual({
    words: words?.replace(/^own/, "a tunnel of your own"),
    mistake: undefined,
  });
});

test.each([
  ["a URL without a port", { "public-url": hooks }],
  ["a port without a tunnel that leads there", { "intake-port": "4460" }],
  ["a URL and a provider", { "public-url": hooks, "intake-port": "4460", provider: "ngrok" }],
  ["a provider that there is not", { provider: "ngork" }],
])("with %s `tunnel` opens none, and that is told", (_what, flags: Record<string, string>) => {
  const { words, mistake } = readOtherTunnel(settingsOf(flags), undefined);
  expect({ words, code: mistake?.code }).toEqual({ words: undefined, code: "ERR_INVALID_OPTION" });
});
