import { describe, expect, test } from "vitest";
import { readOptions, parseCommandLine } from "../../../src/cli/options.ts";
import { chooseKind, toRemember, type ChosenKind } from "../../../src/cli/commands/tunnel-kind.ts";
import { tunnel } from "../../../src/cli/commands/tunnel.ts";
import type { TunnelOptions } from "../../../src/cli/commands/tunnel-options.ts";
import type { RememberedTunnel } from "../../../src/project/state-file.ts";

const ngrok: RememberedTunnel = { provider: "ngrok" };
const own: RememberedTunnel = { publicUrl: "https://hooks.example.com", intakePort: 4_460 };

function choose(
  line: string,
  {
    environment = {},
    remembered,
  }: { environment?: Record<string, string>; remembered?: RememberedTunnel } = {},
): ChosenKind {
  const { texts } = parseCommandLine(
    line === "" ? [] : line.split(" "),
    tunnel.options,
    "kinde-devhook tunnel",
  );
  const values = readOptions(tunnel.options, texts, {
    flag: (name) => {
      const value = environment[name];
      return value === undefined ? undefined : { value, origin: name, isText: true };
    },
    variable: () => undefined,
    names: () => [],
  });
  return chooseKind(values as unknown as TunnelOptions, new Set(texts.keys()), remembered);
}

const localtunnel = { provider: "localtunnel" };
const hooks = { provider: "own", publicUrl: new URL("https://hooks.example.com"), intakePort: 4_460 };

describe("what is set is taken, whatever is remembered", () => {
  test.each([
    ["--provider ngrok", { provider: "ngrok", intakePort: undefined }],
    ["--provider ngrok --intake-port 4470", { provider: "ngrok", intakePort: 4_470 }],
    [
      "--public-url https://a.example --intake-port 4470",
      { ...hooks, publicUrl: new URL("https://a.example"), intakePort: 4_470 },
    ],
    ["--provider localtunnel", localtunnel],
    ["--host https://lt.example.com", localtunnel],
    ["-s acme-devhook", localtunnel],
    ["--any-subdomain", localtunnel],
  ])("%s", (line, kind) => {
    for (const remembered of [undefined, ngrok, own]) {
      expect(choose(line, { ...(remembered !== undefined && { remembered }) })).toEqual({
        kind,
        isRemembered: false,
        isGiven: true,
      });
    }
  });

  test.each([
    [{ provider: "ngrok" }, { provider: "ngrok", intakePort: undefined }],
    [{ host: "https://lt.example.com" }, localtunnel],
    [{ "public-url": "https://hooks.example.com", "intake-port": "4460" }, hooks],
  ])("by the environment: %j", (environment, kind) => {
    // The environment is there the next time too.
    expect(choose("", { environment, remembered: ngrok })).toEqual({
      kind,
      isRemembered: false,
      isGiven: false,
    });
  });
});

describe("what is remembered is taken where nothing is set", () => {
  test("nothing: localtunnel's", () => {
    expect(choose("")).toEqual({ kind: localtunnel, isRemembered: false, isGiven: false });
  });

  test.each([
    [ngrok, { provider: "ngrok", intakePort: undefined }],
    [
      { ...ngrok, intakePort: 4_460 },
      { provider: "ngrok", intakePort: 4_460 },
    ],
    [own, hooks],
  ])("%j", (remembered, kind) => {
    expect(choose("", { remembered })).toEqual({ kind, isRemembered: true, isGiven: false });
    expect(toRemember(choose("", { remembered }).kind)).toEqual(remembered);
  });

  test("with another port, which is remembered in its place", () => {
    const { kind, isGiven } = choose("--intake-port 4470", { remembered: own });
    expect({ kind, isGiven }).toEqual({ kind: { ...hooks, intakePort: 4_470 }, isGiven: true });
  });

  test("another URL of one's own leads to the port that is remembered", () => {
    const { kind } = choose("--public-url https://quick.example", { remembered: own });
    expect(kind).toEqual({ ...hooks, publicUrl: new URL("https://quick.example") });
  });

  test("a URL that is none is as good as forgotten", () => {
    const remembered = { publicUrl: "ftp://x/y", intakePort: 4_460 };
    expect(choose("", { remembered })).toEqual({ kind: localtunnel, isRemembered: false, isGiven: false });
  });
});

test("localtunnel's needs no memory of its kind", () => {
  expect(toRemember(choose("--provider localtunnel").kind)).toBeUndefined();
});

test("a flag outdoes the environment's provider", () => {
  const environment = { provider: "ngrok" };
  const line = "--public-url https://hooks.example.com --intake-port 4460";
  expect(choose(line, { environment }).kind).toEqual(hooks);
});

describe("more than one tunnel, or half of one, is refused", () => {
  test.each([
    ["--provider ngrok -s acme-devhook", "--subdomain"],
    ["--provider ngrok --host https://lt.example.com", "--host"],
    ["--provider ngrok --any-subdomain", "--any-subdomain"],
    ["--provider ngrok --public-url https://a.example --intake-port 1", "--provider"],
    ["--provider localtunnel --public-url https://a.example --intake-port 1", "--provider"],
    ["--public-url https://a.example", "--public-url"],
    ["--intake-port 4460", "--intake-port"],
    ["--provider localtunnel --intake-port 4460", "--intake-port"],
    ["-s acme-devhook --intake-port 4460", "--intake-port"],
  ])("%s", (line, option) => {
    expect(() => choose(line)).toThrow(expect.objectContaining({ code: "ERR_INVALID_OPTION", option }));
  });

  test("by flag and environment together", () => {
    const environment = { "public-url": "https://a.example", "intake-port": "1" };
    expect(() => choose("--provider ngrok", { environment })).toThrow("--provider");
    expect(() => choose("", { environment: { ...environment, provider: "ngrok" } })).toThrow("--provider");
    expect(() => choose("-s acme-devhook", { environment: { provider: "ngrok" } })).toThrow("--subdomain");
  });
});
