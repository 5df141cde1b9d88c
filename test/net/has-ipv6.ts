import { networkInterfaces } from "node:os";

/** Whether this machine has ::1; containers often lack it. */
export const hasIpv6Loopback: boolean = Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.address === "::1");
