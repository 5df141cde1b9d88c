import { spawn } from "node:child_process";
import { once } from "node:events";
import { waitForApp } from "../../src/app/wait-for-app.ts";
import { systemClock } from "../../src/delivery/clock.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { blockWith, withOwnPorts } from "../helpers/readme.ts";
import { createReaderProject } from "./reader-project.ts";
import { testableExpress } from "./testable-express.ts";

/** Two files of a reader's. */
interface Recipe {
  readonly app: string;
  readonly server: string;
}

/** The README's handlers that have a server of their own. */
export const recipes: Readonly<Record<"Express" | "Hono" | "Fastify", Recipe>> = {
  Express: { app: testableExpress, server: blockWith("js", 'from "./app.mjs";\n\napp.listen') },
  Hono: { app: blockWith("js", 'from "hono"'), server: blockWith("js", "serve({") },
  Fastify: { app: blockWith("js", 'from "fastify"'), server: blockWith("js", "await app.listen(") },
};

export interface RunningRecipe extends AsyncDisposable {
  /** Of its handler. */
  readonly url: URL;
}

/** Starts the files as a reader does, in a process of their own; ready when it listens. */
export async function startRecipe(app: string, server: string, issuer: string): Promise<RunningRecipe> {
  const port = await findFreePort();
  const project = createReaderProject({ "app.mjs": app, "server.mjs": withOwnPorts(server, port, 0) });
  const child = spawn(process.execPath, ["server.mjs"], {
    cwd: project.path,
    env: { PATH: process.env["PATH"], KINDE_ISSUER_URL: issuer },
    stdio: "ignore",
  });
  const ended = once(child, "close");
  const close = async (): Promise<void> => {
    child.kill();
    await ended;
    project[Symbol.dispose]();
  };
  const url = new URL(`http://localhost:${port}/api/webhook`);
  const gone = new AbortController();
  void ended.then(() => gone.abort(new Error("the server has ended")));
  try {
    await waitForApp(url, { limitMs: 20_000, clock: systemClock, signal: gone.signal });
  } catch (error) {
    await close();
    throw error;
  }
  return { url, [Symbol.asyncDispose]: close };
}
