// The build: `npm run build`. Bundles src into dist with esbuild and writes its types with tsc.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";

writeEventFixtures();

// Stale chunks of an earlier build must not be shipped.
rmSync("dist", { recursive: true, force: true });

const options = {
  outdir: "dist",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  // `require` for the CommonJS packages inside the bundle.
  banner: {
    js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);",
  },
  define: { __VERSION__: JSON.stringify(JSON.parse(readFileSync("package.json", "utf8")).version) },
  // The scripts that `completion` prints.
  loader: { ".bash": "text", ".fish": "text", ".zsh": "text" },
  metafile: true,
  legalComments: "none",
};
// Two builds: what both entries shared would lie in files of its own, and each file costs the command line a start.
// What is large and seldom needed, Express and the making of certificates, is built once for both; and `kinde-devhook/vitest` uses the library's
// own file, so that an error is of the same class wherever it comes from.
const express = elsewhere(/^express$/, "../vendor/express.js");
// CommonJS, and for one command: what esbuild puts around it would else lie in a file that every command loads.
const crossSpawn = elsewhere(/^cross-spawn$/, "../vendor/cross-spawn.js");
// For who opens the inspector alone: what it shares with the commands is in it once more, and in no file of its own.
const inspector = elsewhere(/inspector\/inspector\.ts$/, "../vendor/inspector.js");
const webSocket = elsewhere(/^ws$/, "./ws.js");
// The library's own file imports it, and a chunk of the command line.
const madeFromLibrary = elsewhere(/create-certificates\.ts$/, "./vendor/create-certificates.js");
const madeFromCli = elsewhere(/create-certificates\.ts$/, "../vendor/create-certificates.js");
const library = elsewhere(/(start-mock-kinde|errors)\.ts$/, "./index.js");
const builds = await Promise.all([
  build({
    ...options,
    entryPoints: { cli: "src/cli/main.ts" },
    plugins: [express, crossSpawn, inspector, madeFromCli],
  }),
  build({ ...options, entryPoints: { index: "src/index.ts" }, plugins: [express, madeFromLibrary] }),
  build({
    ...options,
    entryPoints: { vitest: "src/testing/vitest.ts" },
    external: ["vitest"],
    plugins: [library],
  }),
  // What express exports by name is known only when it runs, unless it is said here.
  vendor("express", 'export { default, json, Router } from "express";', { minify: true, keepNames: true }),
  vendor("cross-spawn", 'export { default } from "cross-spawn";'),
  vendor("ws", 'export { WebSocketServer } from "ws";', { minify: true, keepNames: true }),
  build({
    ...options,
    entryPoints: { "vendor/inspector": "src/inspector/inspector.ts" },
    plugins: [webSocket],
  }),
  build({
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    // What is served is what was built: no request goes anywhere else.
    target: ["es2022", "chrome109", "firefox115", "safari16.4"],
    jsx: "automatic",
    jsxImportSource: "preact",
    outdir: "dist/inspector",
    entryPoints: { inspector: "src/inspector/page/main.tsx", style: "src/inspector/page/main.css" },
    metafile: true,
    legalComments: "none",
  }),
  build({
    ...options,
    entryPoints: { "vendor/create-certificates": "src/net/create-certificates.ts" },
    // What of it is not used can be left out of ECMAScript modules alone.
    mainFields: ["module", "main"],
  }),
]);

copyFileSync("src/inspector/page/index.html", "dist/inspector/index.html");

execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "src/tsconfig.json"], {
  stdio: "inherit",
});
removeUnreachedTypes(["index.d.ts", "testing/vitest.d.ts"]);
writeNotices(builds.flatMap(({ metafile }) => Object.values(metafile.outputs).flatMap(sourcesOf)));

/** A package as one file of its own. */
function vendor(name, contents, more = {}) {
  return build({
    ...options,
    outdir: undefined,
    outfile: `dist/vendor/${name}.js`,
    splitting: false,
    stdin: { contents, resolveDir: "." },
    ...more,
  });
}

/** What matches is imported from a file of another build. */
function elsewhere(filter, path) {
  return {
    name: path,
    setup: ({ onResolve }) => onResolve({ filter }, () => ({ path, external: true })),
  };
}

/** `src/kinde/event-fixtures.ts` imports every file of `fixtures/events`, so that a new event type needs no list. */
function writeEventFixtures() {
  const types = readdirSync("fixtures/events")
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .sort();
  const nameOf = (type) => type.replaceAll(/[._](\w)/g, (_, letter) => letter.toUpperCase());
  const text = [
    "// Written by `npm run build` from the files of fixtures/events.",
    ...types.map(
      (type) => `import ${nameOf(type)} from "../../fixtures/events/${type}.json" with { type: "json" };`,
    ),
    'import type { EventDataByType } from "./event-data.ts";',
    "",
    "export const eventFixtures: { readonly [Type in keyof EventDataByType]: { readonly data: EventDataByType[Type] } } = {",
    ...types.map((type) => `  "${type}": ${nameOf(type)},`),
    "};",
    "",
  ].join("\n");
  const path = "src/kinde/event-fixtures.ts";
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
}

/** The compiler writes the types of every file that it has seen; those that no entry leads to are nobody's. */
function removeUnreachedTypes(entries) {
  const directory = "dist/types/src";
  const reached = new Set(entries);
  for (const file of reached) {
    const text = readFileSync(join(directory, file), "utf8");
    for (const [, path] of text.matchAll(/\b(?:from|import\()\s*"(\.[^"]+)\.(?:js|ts)"/g)) {
      reached.add(join(dirname(file), `${path}.d.ts`));
    }
  }
  for (const file of readdirSync(directory, { recursive: true })) {
    if (file.endsWith(".d.ts") && !reached.has(file)) rmSync(join(directory, file));
  }
}

/** The sources whose code is in a built file; what was read and left out of it does not count. */
function sourcesOf({ inputs }) {
  return Object.keys(inputs).filter((input) => inputs[input].bytesInOutput > 0);
}

/** `THIRD-PARTY-NOTICES` names the packages inside the bundle, each with its licence. */
function writeNotices(sources) {
  const roots = new Set(
    sources.flatMap((source) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(source)?.[0] ?? []),
  );
  // A package that is installed in several places, in one version, is one package.
  const sections = [...new Set([...roots].map(noticeOf))].toSorted((a, b) => a.localeCompare(b));
  const rule = `\n${"-".repeat(80)}\n\n`;
  writeFileSync(
    "THIRD-PARTY-NOTICES",
    ["kinde-devhook contains the following packages.\n", ...sections].join(rule),
  );
}

function noticeOf(root) {
  const { name, version, license } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
  const file = readdirSync(root).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text =
    file === undefined
      ? `${name} carries no licence file; it is published under ${license}.`
      : readFileSync(`${root}/${file}`, "utf8").trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
}
