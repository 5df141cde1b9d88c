import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installPackage, type InstalledPackage } from "./installed-package.ts";

let installed: InstalledPackage;
beforeAll(() => {
  installed = installPackage();
});
afterAll(() => installed[Symbol.dispose]());

const maxInstalledBytes = 3_000_000;
const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

/** What is many files, as one name each. */
const manyFiles = {
  "dist/chunks/<name>-<hash>.js": /^dist\/chunks\/[a-z-]+-[A-Z\d]{8}\.js$/,
  "dist/types/<source>.d.ts": /^dist\/types\/src\/(?:[a-z-]+\/)*[a-z-]+\.d\.ts$/,
};

/** The files that an entry leads to, at once or when they are needed. */
async function reachedFrom(entry: string): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: installed.root,
    entryPoints: [entry],
    outdir: "unwritten",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    external: ["vitest"],
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  return Object.keys(metafile.inputs);
}

describe("the package installs", () => {
  test("alone, without what it can do without: vitest", () => {
    const packages = readdirSync(join(installed.app, "node_modules")).filter((name) => !name.startsWith("."));
    expect(packages).toEqual(["kinde-devhook"]);
    const lock = JSON.parse(readFileSync(join(installed.app, "package-lock.json"), "utf8")) as {
      packages: Record<string, object>;
    };
    expect(Object.keys(lock.packages)).toEqual(["", "node_modules/kinde-devhook"]);
  });

  test("without running a script, and with nothing to fetch", () => {
    const manifest = JSON.parse(installed.read("package.json")) as Record<string, object>;
    expect(manifest).toMatchObject({
      version,
      peerDependenciesMeta: { "@ngrok/ngrok": { optional: true }, vitest: { optional: true } },
    });
    expect(Object.keys(manifest["peerDependencies"] ?? {})).toEqual(["@ngrok/ngrok", "vitest"]);
    expect(Object.keys(manifest)).not.toContain("dependencies");
    expect(Object.keys(manifest)).not.toContain("optionalDependencies");
    // npm itself builds what has this file.
    expect(installed.files).not.toContain("binding.gyp");
    const scripts = Object.keys(manifest["scripts"] ?? {});
    expect(scripts.filter((name) => /^(pre|post)?install$/.test(name))).toEqual([]);
  });

  test("within 3 MB", () => {
    const bytes = installed.files.map((file) => statSync(join(installed.root, file)).size);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(maxInstalledBytes);
  });
});

describe("the package holds", () => {
  test("these files and no others", () => {
    const names = installed.files.map(
      (file) => Object.entries(manyFiles).find(([, pattern]) => pattern.test(file))?.[0] ?? file,
    );
    expect([...new Set(names)]).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "THIRD-PARTY-NOTICES",
      "dist/chunks/<name>-<hash>.js",
      "dist/cli.js",
      "dist/index.js",
      "dist/inspector/index.html",
      "dist/inspector/inspector.js",
      "dist/inspector/style.css",
      "dist/types/<source>.d.ts",
      "dist/vendor/create-certificates.js",
      "dist/vendor/cross-spawn.js",
      "dist/vendor/express.js",
      "dist/vendor/inspector.js",
      "dist/vendor/ws.js",
      "dist/vitest.js",
      "package.json",
    ]);
  });

  test("every module that its entries import, but for Node's own and vitest, and none beside", async () => {
    const { metafile } = await build({
      absWorkingDir: installed.root,
      entryPoints: ["dist/cli.js", "dist/index.js", "dist/vitest.js"],
      outdir: "unwritten",
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      external: ["vitest"],
      write: false,
      metafile: true,
      logLevel: "silent",
    });
    expect(Object.keys(metafile.inputs).toSorted()).toEqual(
      // The page's own is a browser's.
      installed.files.filter((file) => file.endsWith(".js") && !file.startsWith("dist/inspector/")),
    );
    const importsVitest = Object.entries(metafile.inputs)
      .filter(([, { imports }]) => imports.some(({ path }) => path === "vitest"))
      .map(([file]) => file);
    expect(importsVitest).toEqual(["dist/vitest.js"]);
    expect(await reachedFrom("dist/index.js")).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/vendor\/(ws|inspector)\.js$/)]),
    );
    expect(await reachedFrom("dist/cli.js")).toEqual(
      expect.arrayContaining(["dist/vendor/inspector.js", "dist/vendor/ws.js"]),
    );
  });
});
