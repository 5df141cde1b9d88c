import { expect, test } from "vitest";
import { findPortOwner } from "../../src/net/port-owner.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { hasIpv6Loopback } from "./has-ipv6.ts";

const hosts = hasIpv6Loopback ? ["127.0.0.1", "::1"] : ["127.0.0.1"];

test.runIf(process.platform === "linux").each(hosts)("finds the process that listens on %s", async (host) => {
  await using receiver = await startReceiver({ host });
  const owner = findPortOwner(receiver.port);
  expect(owner?.pid).toBe(process.pid);
  expect(owner?.command).not.toBe("");
});

test("finds nobody where nothing listens", async () => {
  expect(findPortOwner(await findFreePort())).toBeUndefined();
});
