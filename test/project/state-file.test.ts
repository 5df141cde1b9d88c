import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readState, updateState } from "../../src/project/state-file.ts";
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

function writeStateFile(directory: string, content: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, "state.json");
  writeFileSync(path, content);
  return path;
}
