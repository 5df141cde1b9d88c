// What stands around the demo: a project of its own, the limit, the end of all that was started, the exit code.
import { setTimeout as wait } from "node:timers/promises";
import { createProject, stopAll } from "../helpers/processes.mjs";
import { failures } from "./checks.mjs";

const limitMs = 25_000;
// What is still starting when all has to end gets this long; it ends with this process in any case.
const endingMs = 2_000;
const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/**
 * Plays the demo and exits: 0 only if all of it held, 128 and the signal's number when it was interrupted, else 1.
 * @param {(stage: { project: ReturnType<typeof createProject>, open: <Handle>(starting: Promise<Handle>) => Promise<Handle> }) => Promise<string>} play
 *   resolves with what has been shown; what it `open`s is stopped at the end
 */
export async function perform(play) {
  const startedAt = performance.now();
  const project = createProject();
  const opened = [];
  const open = (starting) => {
    opened.push(starting);
    return starting;
  };
  const interrupted = new Promise((resolve) => {
    for (const [signal, code] of Object.entries(signals)) {
      process.once(signal, () => resolve({ code, why: `interrupted by ${signal}` }));
    }
    // Also when nobody reads the output any more, as with `| head`.
    process.on("uncaughtException", (error) => resolve({ code: 1, why: describe(error) }));
    setTimeout(() => resolve({ code: 1, why: `not done within ${limitMs / 1000} s` }), limitMs).unref();
  });
  const playing = play({ project, open }).then(
    (shown) => ({ code: failures.length === 0 ? 0 : 1, shown }),
    (error) => ({ code: 1, why: describe(error) }),
  );
  const { code, why, shown } = await Promise.race([playing, interrupted]);
  // What fails from here on fails because all is ended.
  const failed = [...failures, ...(why === undefined ? [] : [why])];
  await stopAll();
  const stopped = opened.map(async (starting) => await (await starting).stop());
  await Promise.race([Promise.allSettled(stopped), wait(endingMs)]);
  project.remove();

  for (const failure of failed) console.log(`FAILED  ${failure}`);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(code === 0 ? `PASSED  ${shown} (${seconds} s)` : `FAILED  after ${seconds} s`);
  process.exit(code);
}

/** A connection that failed in both families has no message, only a code. */
function describe({ message, code }) {
  return message || code;
}
