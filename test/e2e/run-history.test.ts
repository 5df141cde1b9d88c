/** `replay` and `history` inside a `run`, whose mock keeps what it delivers itself. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { startReceiver } from "../helpers/receiver.ts";
import { createProject } from "./project.ts";
import { node } from "./run-project.ts";

const cli = join(process.cwd(), "dist/cli.js");

/** Runs the command line once for each of its arguments, each as JSON, one after the other. */
const runEach = `
const { spawnSync } = require("node:child_process");
const [cli, ...lines] = process.argv.slice(1);
for (const line of lines) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...JSON.parse(line)], { encoding: "utf8" });
  console.log(JSON.stringify({ status, stdout, stderr }));
}
`;

test("`replay` sends nothing of the project's there, and says whom to ask; `history` says whose it is", async () => {
  using project = await createProject();
  await using app = await startReceiver();
  await project.run(["emit", "user.created", "--to", app.url]);
  const lines = [["emit", "role.created"], ["replay", "last"], ["history"]].map((line) =>
    JSON.stringify(line),
  );
  const { stdout } = await project.run(["run", "--webhook", app.url, "--", ...node(runEach, cli, ...lines)]);
  const [emitted, replayed, listed] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
  expect(emitted).toMatchObject({ status: 0 });
  expect(replayed).toMatchObject({
    status: 2,
    stdout: "",
    stderr: expect.stringMatching(/\/_devhook\/api\/deliveries\/last\/replay.*\(ERR_INSIDE_RUN\)/) as string,
  });
  expect(listed).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("user.created") as string,
    stderr: expect.stringContaining("/_devhook/api/deliveries") as string,
  });
  expect(app.requests).toHaveLength(2);
});
