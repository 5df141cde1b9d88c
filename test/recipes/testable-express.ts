import { blockWith } from "../helpers/readme.ts";
import { replaced } from "./replaced.ts";

/** The README's first handler with what it says is needed for tests: the app exported, and listening left to others. */
export const testableExpress: string = replaced(
  replaced(blockWith("js", "express()"), "const app", "export const app"),
  "app.listen(3000);\n",
  "",
);
