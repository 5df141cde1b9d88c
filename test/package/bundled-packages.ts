/** Which packages' code is in the built files: told by the files themselves, not by the build. */
import { readFileSync } from "node:fs";
import { build } from "esbuild";
import type { InstalledPackage } from "./installed-package.ts";

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Where it lies here: `node_modules/yargs`. */
  readonly root: string;
}

const minified = "dist/vendor/express.js";
const packageRoot = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;

export async function findBundledPackages(installed: InstalledPackage): Promise<readonly BundledPackage[]> {
  const sources = [...readSources(installed), ...(await rebuildSources(installed.read(minified)))];
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
    .filter((file) => file.endsWith(".js") && file !== minified)
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
async function rebuildSources(shipped: string): Promise<string[]> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: 'export { default, json, Router } from "express";', resolveDir: "." },
    outfile: minified,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    banner: { js: shipped.split("\n", 1)[0]! },
    legalComments: "none",
    minify: true,
    keepNames: true,
    write: false,
    metafile: true,
  });
  if (outputFiles[0]?.text !== shipped) throw new Error(`${minified} is not what is built of express here`);
  return Object.entries(metafile.outputs[minified]!.inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([source]) => source);
}
