/** A reader's project with the packed tarball and whatever it asks the registry for: for CI, where nothing is skipped. */
import { execFileSync } from "node:child_process";
import { readFileSync, renameSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";
import { runIn, writeFiles, type Run } from "./reader-project.ts";

export interface RegistryProject extends Disposable {
  readonly path: string;
  /** Runs a script as the runner of GitHub Actions does, in bash, on the project's Node. */
  run(script: string): Promise<Run>;
}

export interface RegistryProjectOptions {
  readonly files: Readonly<Record<string, string>>;
  /** What the project needs beside this package, each in the version given. */
  readonly dependencies: Readonly<Record<string, string>>;
  readonly testScript: string;
  /** A major version of Node. Default: the one that runs this. */
  readonly node?: string;
}

const limitMs = 100_000;

/** Makes the project as `npm install` leaves it, with a lock file. */
export async function createRegistryProject(options: RegistryProjectOptions): Promise<RegistryProject> {
  const { path, [Symbol.dispose]: remove } = createTemporaryDirectory();
  const [{ filename }] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", path], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  ) as [{ filename: string }];
  renameSync(join(path, filename), join(path, "kinde-devhook.tgz"));
  const manifest = {
    private: true,
    type: "module",
    scripts: { test: options.testScript },
    devDependencies: { "kinde-devhook": "file:kinde-devhook.tgz", ...options.dependencies },
  };
  writeFiles(path, { ...options.files, "package.json": JSON.stringify(manifest) });
  const env = { CI: "true", ...registryEnvironment(), PATH: pathWith(options.node) };
  const run = (script: string): Promise<Run> =>
    runIn(path, "bash", ["-eo", "pipefail", "-c", script], { env, limitMs });
  const { code, output } = await run("npm install --no-audit --no-fund");
  if (code !== 0) throw new Error(`npm install failed:\n${output}`);
  return { path, run, [Symbol.dispose]: remove };
}

/** The version that is installed here, so that a release of tomorrow fails no test of today. */
export function installedVersion(name: string): string {
  return (JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")) as { version: string })
    .version;
}

/** A PATH on which `node` is of a major version: this one, or one of those that CI brings. */
function pathWith(major: string | undefined): string {
  const nodes = [process.execPath, ...(process.env["DEVHOOK_NODES"] ?? "").split(",")];
  const node = nodes.find((path) => path !== "" && (major === undefined || majorOf(path) === major));
  if (node === undefined) throw new Error(`DEVHOOK_NODES names no Node ${major}`);
  return `${dirname(node)}${delimiter}${process.env["PATH"]}`;
}

function majorOf(node: string): string | undefined {
  return /^v(\d+)\./.exec(execFileSync(node, ["--version"], { encoding: "utf8" }))?.[1];
}

/** How this machine reaches the registry; npm's other variables would point the project's npm at this checkout. */
function registryEnvironment(): Record<string, string> {
  const names =
    /^(npm_config_(registry|cache|userconfig|globalconfig|cafile)|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS)$/i;
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      names.test(name) && value !== undefined ? [[name, value]] : [],
    ),
  );
}
