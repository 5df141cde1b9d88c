/** The tunnel that a project has open, if it has one: a second would take its name, or be another URL. */
import type { Clock } from "../delivery/clock.ts";
import { DevhookError } from "../kinde/errors.ts";
import type { Project } from "../project/directory.ts";
import { listRunFiles, type RunRecord } from "../project/run-file.ts";
import { isServing } from "./port-holder.ts";

export class TunnelRunningError extends DevhookError {
  override readonly code = "ERR_TUNNEL_RUNNING";
  readonly pid: number;
  /** `undefined` as long as it is not open yet. */
  readonly publicUrl: string | undefined;
  constructor({ pid, publicUrl }: RunRecord) {
    super(
      `Failed to start the tunnel: this project has one already (pid ${pid}${publicUrl === undefined ? ", not open yet" : `, ${publicUrl}`}). ` +
        "Use that one, or stop it first.",
    );
    this.pid = pid;
    this.publicUrl = publicUrl;
  }
}

/** The run file of the tunnel that this project runs, whatever its issuer's port. */
export async function findRunningTunnel(project: Project): Promise<RunRecord | undefined> {
  return await firstServing(project, (run) => run.command === "tunnel");
}

/**
 * Of two tunnels that started at once, with a port each, the later finds the earlier here and has to give way.
 * @param own the run file of this process, written a moment ago
 */
export async function findEarlierTunnel(
  project: Project,
  own: RunRecord,
  clock: Clock,
): Promise<RunRecord | undefined> {
  // By then the other's file is written, if it began to serve before this one.
  await clock.wait(writtenWithinMs);
  return await firstServing(project, (run) => run.command === "tunnel" && isEarlier(run, own));
}

const writtenWithinMs = 50;

function isEarlier(run: RunRecord, own: RunRecord): boolean {
  const [its, ours] = [run.startedAt ?? 0, own.startedAt ?? 0];
  return its === ours ? run.token < own.token : its < ours;
}

async function firstServing(
  project: Project,
  is: (run: RunRecord) => boolean,
): Promise<RunRecord | undefined> {
  for (const run of listRunFiles(project)) {
    if (is(run) && (await isServing(run, project))) return run;
  }
  return undefined;
}
