/** The installed package's types, in projects of TypeScript as its users have them, which check what they install. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installPackage, type InstalledPackage } from "./installed-package.ts";
import { declaredUse, moduleUse, requireUse, vitestUse, wrongUses } from "./type-uses.ts";

let installed: InstalledPackage;
beforeAll(() => {
  installed = installPackage();
});
afterAll(() => installed[Symbol.dispose]());

const tsc = join(process.cwd(), "node_modules/typescript/bin/tsc");
const nodenext = { module: "nodenext", target: "es2022" };
// As in a new project of Next.js.
const bundler = { module: "esnext", moduleResolution: "bundler", target: "es2017", isolatedModules: true };
const nodeOnly = { lib: ["es2022"], types: ["node"] };
const withDom = { lib: ["dom", "dom.iterable", "esnext"], types: ["node"] };

const projects: readonly (readonly [name: string, options: object])[] = [
  ["nodenext with @types/node alone", { ...nodenext, ...nodeOnly }],
  ["nodenext with the DOM's types too", { ...nodenext, ...withDom }],
  ["bundler with @types/node alone", { ...bundler, ...nodeOnly }],
  ["bundler with the DOM's types too", { ...bundler, ...withDom }],
  // Since TypeScript 6 nothing of @types is there unless something asks for it.
  ["nodenext, @types/node installed and not listed", { ...nodenext, lib: ["es2022"] }],
];

const expectedErrors = wrongUses.flatMap(([, code], index) =>
  code === undefined ? [] : [`wrong.ts(${index + 1}): ${code}`],
);

describe.each(projects)("under %s", (_, options) => {
  test("what is written right with the library compiles, and what is written wrong does not", () => {
    installed.add("@types/node");
    const wrong = wrongUses.map(([line]) => line).join("\n");
    expect(compile(options, { "use.ts": moduleUse, "wrong.ts": wrong })).toEqual(expectedErrors);
  });

  test("a test with `kinde-devhook/vitest` compiles", () => {
    installed.add("@types/node");
    installed.add("vitest");
    expect(compile(options, { "use.test.ts": vitestUse })).toEqual([]);
  });
});

test("under nodenext a CommonJS module that requires the library compiles", () => {
  installed.add("@types/node");
  expect(compile({ ...nodenext, ...nodeOnly }, { "use.cts": requireUse })).toEqual([]);
});

test.each([
  ["nodenext", { ...nodenext, ...nodeOnly }],
  ["bundler", { ...bundler, ...withDom }],
])("under %s a module can export what the library gives it, declarations and all", (_, options) => {
  installed.add("@types/node");
  expect(compile({ ...options, declaration: true }, { "use.ts": declaredUse })).toEqual([]);
});

/** The errors that the compiler finds in the files, and in the types they rest on: `use.ts(3): TS2353`. */
function compile(options: object, files: Readonly<Record<string, string>>): string[] {
  const compilerOptions = { ...options, strict: true, skipLibCheck: false, noEmit: true };
  installed.write("tsconfig.json", JSON.stringify({ compilerOptions, files: Object.keys(files) }));
  for (const [file, content] of Object.entries(files)) installed.write(file, content);
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", "."], { cwd: installed.app, encoding: "utf8" });
  return stdout.split("\n").flatMap((line) => {
    // What belongs to an error goes on in lines of its own, set in.
    if (line === "" || line.startsWith(" ")) return [];
    return [line.replace(/^(.*\(\d+),\d+\): error (TS\d+):.*/, "$1): $2")];
  });
}
