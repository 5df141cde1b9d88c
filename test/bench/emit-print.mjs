import { fileURLToPath } from "node:url";
import { cliPath, startNode } from "../helpers/processes.mjs";
import { compare, runRounds, typical } from "./rounds.mjs";

const script = fileURLToPath(new URL("sign-with-saved-key.mjs", import.meta.url));
const fixture = fileURLToPath(new URL("../../fixtures/events/user.created.json", import.meta.url));

/** A whole process that signs one event and prints its token. */
export async function measureEmitPrint(project) {
  const timeRun = (args) => async () => {
    const startedAt = performance.now();
    const { code, errors } = await startNode(args, { cwd: project.directory, env: project.environment })
      .ended;
    const elapsedMs = performance.now() - startedAt;
    if (code !== 0) throw new Error(`node ${args.join(" ")} exited with ${code}: ${errors}`);
    return elapsedMs;
  };
  const rounds = await runRounds(40, {
    emit: timeRun([cliPath, "emit", "user.created", "--print", "token"]),
    script: timeRun([script, fixture]),
    node: timeRun(["-e", "0"]),
  });
  const yardstick = `the least script that signs with a saved key (${typical(rounds, "script").toFixed(0)} ms)`;
  return [
    {
      what: "emit user.created --print token, whole process",
      yardstick,
      ratio: compare(rounds, "emit", "script"),
      atMost: 1.35,
    },
    { what: "node -e 0, beside it", yardstick, ratio: compare(rounds, "node", "script") },
  ];
}
