import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { systemErrorCode } from "../../kinde/errors.ts";
import { isLoopbackHost } from "../../net/loopback.ts";
import { fail, pass, type Finding } from "./finding.ts";

/** Every address of a name, as this system finds it. */
export type Resolve = (name: string) => Promise<readonly LookupAddress[]>;

const advice =
  'Your app finds the issuer by that name. Mend the hosts file: it should have "127.0.0.1 localhost" and "::1 localhost".';

/** Whether the name by which an app reaches us leads to this machine. This tool itself asks nobody for it. */
export async function checkLocalhost(resolve: Resolve = resolveAll): Promise<Finding> {
  let addresses: readonly string[];
  try {
    addresses = [...new Set((await resolve("localhost")).map(({ address }) => address))];
  } catch (error) {
    return fail(
      "ERR_LOCALHOST",
      `localhost can't be resolved (${systemErrorCode(error) ?? String(error)})`,
      advice,
    );
  }
  const elsewhere = addresses.find((address) => !isLoopbackHost(address));
  return elsewhere === undefined
    ? pass(`localhost is ${addresses.join(" and ")}`)
    : fail("ERR_LOCALHOST", `localhost is ${elsewhere}, another machine`, advice);
}

async function resolveAll(name: string): Promise<readonly LookupAddress[]> {
  return await lookup(name, { all: true });
}
