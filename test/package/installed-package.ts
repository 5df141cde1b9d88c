/** The packed tarball, installed into an app of its own. `npm run build` comes first. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";

export interface InstalledPackage extends Disposable {
  /** The directory of the app that has installed it. */
  readonly app: string;
  /** Where it lies in the app's node_modules. */
  readonly root: string;
  /** The built command line in it. */
  readonly bin: string;
  /** The path of each file in it, from its root on, in order. */
  readonly files: readonly string[];
  /** A file of it as text. */
  read(file: string): string;
  /** Adds a file to the app. */
  write(file: string, content: string): void;
  /** Gives the app a package that it has of its own accord, such as vitest: the one that is installed here. */
  add(name: string): void;
}

export function installPackage(): InstalledPackage {
  const directory = createTemporaryDirectory();
  const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", directory.path];
  const [{ filename }] = JSON.parse(run("npm", pack, process.cwd())) as [{ filename: string }];
  const app = join(directory.path, "app");
  mkdirSync(app);
  writeFileSync(join(app, "package.json"), '{"type":"module"}');
  // Nothing is asked of a registry, nor of what npm has kept from one: the package has no dependencies.
  const alone = ["--offline", "--cache", join(directory.path, "cache"), "--no-audit", "--no-fund"];
  run("npm", ["install", ...alone, join(directory.path, filename)], app);
  const root = join(app, "node_modules", "kinde-devhook");
  return {
    app,
    root,
    bin: join(root, "dist/cli.js"),
    files: listFiles(root)
      .map((file) => relative(root, file))
      .toSorted(),
    read: (file) => readFileSync(join(root, file), "utf8"),
    write: (file, content) => writeFileSync(join(app, file), content),
    add: (name) => {
      const link = join(app, "node_modules", name);
      if (existsSync(link)) return;
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(process.cwd(), "node_modules", name), link);
    },
    [Symbol.dispose]: () => directory[Symbol.dispose](),
  };
}

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function listFiles(path: string): string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const inner = join(path, entry.name);
    return entry.isDirectory() ? listFiles(inner) : [inner];
  });
}
