/** Which packages' code is in the built files: told by the files themselves, not by the build. */
import { readFileSync } from "node:fs";
import { build, type BuildOptions } from "esbuild";
import type { InstalledPackage } from "./installed-package.ts";

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Where it lies here: `node_modules/yargs`. */
  readonly root: string;
}

const forNode: BuildOptions = {
  format: "esm",
  platform: "node",
  target: "node20",
  keepNames: true,
};
/** How each file is built that does not say what it is made of. */
const minified: Readonly<Record<string, BuildOptions>> = {
  "dist/inspector/inspector.js": {
    format: "esm",
    platform: "browser",
    target: ["es2022", "chrome109", "firefox115", "safari16.4"],
    jsx: "automatic",
    jsxImportSource: "preact",
    entryPoints: ["src/inspector/page/main.tsx"],
  },
  "dist/vendor/express.js": {
    ...forNode,
    stdin: { contents: 'export { default, json, Router } from "express";', resolveDir: "." },
  },
  "dist/vendor/ws.js": {
    ...forNode,
    stdin: { contents: 'export { WebSocketServer } from "ws";', resolveDir: "." },
  },
};
const packageRoot = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;

export async function findBundledPackages(installed: InstalledPackage): Promise<readonly BundledPackage[]> {
  const rebuilt = await Promise.all(
    Object.entries(minified).map(([file, options]) => rebuildSources(file, options, installed.read(file))),
  );
  const sources = [...readSources(installed), ...rebuilt.flat()];
  const roots = new Set(sources.flatMap((source) => packageRoot.exec(source)?.[0] ?? []));
  return [...roots].map((root) => {
    const { name, version, license } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as {
      [Field in "name" | "version" | "license"]: string;
    };
    return { name, version, license, root };
  });
}

/** esbuild writes above each module where it comes from. */
function readSources(installed: InstalledPackage): string[] {
  return installed.files
    .filter((file) => file.endsWith(".js") && minified[file] === undefined)
    .flatMap((file) => {
      const sources = installed
        .read(file)
        .split("\n")
        .flatMap((line) => /^ *\/\/ ((?:src|fixtures|node_modules)\/\S+)$/.exec(line)?.[1] ?? []);
      if (sources.length === 0) throw new Error(`${file} does not say what it is made of`);
      return sources;
    });
}

/** Minified code says nothing. Built again here it must be the same byte for byte; then what esbuild says of this is true of that. */
async function rebuildSources(file: string, options: BuildOptions, shipped: string): Promise<string[]> {
  const { outputFiles, metafile } = await build({
    ...options,
    outfile: file,
    bundle: true,
    ...(options.platform === "node" && { banner: { js: shipped.split("\n", 1)[0]! } }),
    legalComments: "none",
    minify: true,
    write: false,
    metafile: true,
  });
  if (outputFiles?.[0]?.text !== shipped) throw new Error(`${file} is not what is built here`);
  return Object.entries(metafile.outputs[file]!.inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([source]) => source);
}
