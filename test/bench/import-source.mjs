import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

/**
 * Imports a source file that no entry of the package exports, bundled as the build does it.
 * @param {string} path below `src`
 */
export async function importSource(project, path) {
  const outfile = join(project.directory, `${basename(path, ".ts")}.mjs`);
  await build({
    entryPoints: [fileURLToPath(new URL(`../../src/${path}`, import.meta.url))],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
  });
  return await import(pathToFileURL(outfile).href);
}
