import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";

export const pageFiles = {
  "index.html": "<!doctype html><title>the page</title>",
  "inspector.js": "console.log(1);",
  "style.css": "body { color: red; }",
} as const;

/** What the build makes, as far as serving it goes. */
export function createPageDirectory(): { readonly path: string } & Disposable {
  const directory = createTemporaryDirectory();
  for (const [name, text] of Object.entries(pageFiles)) writeFileSync(join(directory.path, name), text);
  return directory;
}
