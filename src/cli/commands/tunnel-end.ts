import type { RunningTunnel } from "../../app/start-tunnel-options.ts";
import { createKindeRecord, describeKinde } from "../output/expectation.ts";
import type { Reporter } from "../output/reporter.ts";

/** The last that is said of a tunnel: Kinde does not learn that it has ended. */
export function tellKinde({ publicUrl, failing }: RunningTunnel, reporter: Reporter): void {
  const record = createKindeRecord(publicUrl.origin, failing());
  if (reporter.isJson) reporter.record(record);
  else reporter.note(describeKinde(record));
}
