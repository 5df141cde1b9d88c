import { readState } from "../../project/state-file.ts";
import { findRealIssuer, type IssuerCandidate, type RealIssuer } from "../../trust/real-issuer.ts";
import type { Context } from "../command.ts";
import type { Named } from "./shared-options.ts";

/**
 * The real issuer, first found: `--issuer`, its setting, what is remembered, and the variables of the app.
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function readRealIssuer(
  option: Named | undefined,
  issuerPort: number,
  { project, settings }: Pick<Context, "project" | "settings">,
): RealIssuer {
  const candidates: IssuerCandidate[] = [];
  if (option !== undefined) candidates.push({ ...option, isForApp: false });
  const remembered = readState(project).issuer;
  // Written by a machine, and perhaps by a later version: what can't be read is as good as forgotten.
  if (remembered !== undefined) candidates.push({ text: remembered, origin: "state.json", isForApp: true });
  for (const name of ["KINDE_ISSUER_URL", "KINDE_DOMAIN"]) {
    const variable = settings.variable(name);
    if (variable === undefined) continue;
    candidates.push({ text: variable.value, origin: variable.origin, isForApp: true });
  }
  return findRealIssuer(candidates, issuerPort);
}
