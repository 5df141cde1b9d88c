import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { readState, updateState } from "../../src/project/state-file.ts";
import { bundleScript } from "./bundled.ts";
import { createTemporaryProject, modeOf, withUmask } from "./temporary-project.ts";

test("nothing is remembered at first", () => {
  using project = createTemporaryProject();
  expect(readState(project)).toEqual({});
});

test("what is remembered is read again, and the file is its owner's alone", async () => {
  using project = createTemporaryProject();
  await withUmask(0, () => updateState(project, { lastEndpoint: "http://localhost:3000/hook" }));
  updateState(project, { forward: ["3000", "user.*=4000"] });
  expect(readState(project)).toEqual({
    lastEndpoint: "http://localhost:3000/hook",
    forward: ["3000", "user.*=4000"],
  });
  expect(modeOf(join(project.directory, "state.json"))).toBe(0o600);
});

test("what another version remembers is kept", () => {
  using project = createTemporaryProject();
  const path = writeStateFile(project.directory, `{"version":1,"subdomain":"acme","lastEndpoint":"3000"}`);
  updateState(project, { lastEndpoint: "4000" });
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
    version: 1,
    subdomain: "acme",
    lastEndpoint: "4000",
  });
});

test("a member of the wrong kind is not read", () => {
  using project = createTemporaryProject();
  writeStateFile(project.directory, `{"version":1,"forward":"3000","lastEndpoint":3000}`);
  expect(readState(project)).toEqual({});
});

test.each(["", "{", "[]", "null", `"text"`])(
  "a damaged file, %j, reads as empty and is left alone",
  (content) => {
    using project = createTemporaryProject();
    const path = writeStateFile(project.directory, content);
    expect(readState(project)).toEqual({});
    updateState(project, { lastEndpoint: "3000" });
    expect(readFileSync(path, "utf8")).toBe(content);
  },
);

test("everything that is remembered is read again", () => {
  using project = createTemporaryProject();
  const state = {
    subdomain: "acme-devhook",
    issuer: "https://acme.kinde.com",
    forward: ["3000"],
    lastEndpoint: "http://localhost:3000/hook",
  };
  expect(updateState(project, state)).toBe(true);
  expect(readState(project)).toEqual(state);
  // Neither the lock nor what a file is made of stays behind.
  expect(readdirSync(project.directory).sort()).toEqual([".gitignore", "state.json"]);
});

test.each([
  ["ngrok's", { provider: "ngrok" } as const],
  ["ngrok's, at a port that was chosen", { provider: "ngrok", intakePort: 4_460 } as const],
  ["one's own", { publicUrl: "https://hooks.example.com", intakePort: 4_460 }],
])("a tunnel is remembered, %s, and forgotten again", (_whose, tunnel) => {
  using project = createTemporaryProject();
  updateState(project, { tunnel, subdomain: "acme-devhook" });
  expect(readState(project)).toEqual({ tunnel, subdomain: "acme-devhook" });
  updateState(project, { forward: ["3000"] });
  expect(readState(project).tunnel).toEqual(tunnel);
  updateState(project, { tunnel: undefined });
  expect(JSON.parse(readFileSync(join(project.directory, "state.json"), "utf8"))).toEqual({
    version: 1,
    subdomain: "acme-devhook",
    forward: ["3000"],
  });
});

test.each([
  "ngrok",
  { provider: "another" },
  { provider: "another", publicUrl: "https://x.example", intakePort: 1 },
  { publicUrl: "https://x.example" },
  { publicUrl: "https://x.example", intakePort: "4460" },
  { publicUrl: "https://x.example", intakePort: 1.5 },
  { publicUrl: "https://x.example", intakePort: 65_536 },
  {},
])("a tunnel of a kind that this version does not know, %j, is as good as forgotten, and kept", (tunnel) => {
  using project = createTemporaryProject();
  const path = writeStateFile(project.directory, JSON.stringify({ version: 1, tunnel }));
  expect(readState(project)).toEqual({});
  updateState(project, { forward: ["3000"] });
  expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ tunnel });
});

test("a damaged file is told: nothing could be remembered, and nothing was made", () => {
  using project = createTemporaryProject();
  writeStateFile(project.directory, "{");
  expect(updateState(project, { subdomain: "acme" })).toBe(false);
  expect(existsSync(join(project.directory, "state.json.lock"))).toBe(false);
});

test("several processes that remember at once lose nothing of each other, and any reader sees a whole file", async () => {
  using project = createTemporaryProject();
  using script = await bundleScript(`
    import { updateState } from "./src/project/state-file.ts";
    const [root, directory, name] = process.argv.slice(2);
    process.send("ready");
    process.once("message", () => {
      for (let time = 0; time < 15; time++) {
        // Members of our own, as another version may have them.
        if (!updateState({ root, directory }, { [name + time]: time })) throw new Error("not remembered");
      }
      process.disconnect();
    });
  `);
  const names = ["a", "b", "c", "d"];
  const processes = names.map((name) => script.start(project.root, project.directory, name));
  await Promise.all(processes.map((one) => one.message()));
  for (const { child } of processes) child.send("go");
  const over = new AbortController();
  const ended = Promise.all(processes.map((one) => one.ended)).finally(() => over.abort());
  const path = join(project.directory, "state.json");
  while (!over.signal.aborted) {
    // Throws where a file is half written.
    if (existsSync(path)) JSON.parse(readFileSync(path, "utf8"));
    await turn();
  }
  expect(await ended).toEqual(names.map(() => ({ code: 0, errors: "" })));
  const expected = names.flatMap((name) => Array.from({ length: 15 }, (_, time) => [`${name}${time}`, time]));
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ version: 1, ...Object.fromEntries(expected) });
});

function writeStateFile(directory: string, content: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, "state.json");
  writeFileSync(path, content);
  return path;
}
