import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";
import { ask } from "../issuer/ask.ts";
import { createProject } from "./project.ts";
import { node } from "./run-project.ts";

const runs = 30;
const atOnce = 3;

const tellWhere = `console.log(JSON.stringify({
  port: Number(new URL(process.env.KINDE_ISSUER_URL).port), processes: [process.pid, process.ppid],
}))`;

test("thirty runs leave no file, no process and no port behind", async () => {
  using project = await createProject({ hasKey: false });
  using temporary = createTemporaryDirectory();
  mkdirSync(join(temporary.path, "tmp"));
  project.write("package.json", "{}");
  const env = { TMPDIR: join(temporary.path, "tmp"), HOME: temporary.path };
  const outputs: string[] = [];
  let left = runs;
  const runInTurn = async (): Promise<void> => {
    while (left-- > 0) {
      const { code, stdout } = await project.run(["run", "--", ...node(tellWhere)], { env });
      expect(code).toBe(0);
      outputs.push(stdout);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, runInTurn));

  expect(outputs).toHaveLength(runs);
  expect(readdirSync(project.path, { recursive: true })).toEqual(["package.json"]);
  expect(readdirSync(temporary.path, { recursive: true })).toEqual(["tmp"]);
  for (const output of outputs) {
    const { port, processes } = JSON.parse(output) as { port: number; processes: number[] };
    for (const pid of processes) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    expect(processes).not.toContain(await findServer(port));
  }
});

/** The pid of the issuer on a port, if there is one: by now the port may be another's. */
async function findServer(port: number): Promise<unknown> {
  try {
    const { json } = await ask(port, "/_devhook/api/health");
    return (json as { readonly pid?: number } | undefined)?.pid;
  } catch {
    return undefined;
  }
}
