import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { isOnline } from "../../src/app/is-online.ts";

const service = new URL("https://tunnel.example");
const isConnected = Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.internal === false);

test("a service on this machine needs no network", async () => {
  expect(await isOnline(new URL("http://localhost:3000"), undefined)).toBe(true);
  expect(await isOnline(new URL("http://127.0.0.1:3000"), "https://nobody.invalid")).toBe(true);
});

test("a machine on a network that can't find the issuer either is not online", async () => {
  expect(await isOnline(service, "https://nobody.invalid")).toBe(false);
});

test.each([undefined, "http://localhost:4460"])("with the issuer %s nobody can tell", async (issuer) => {
  expect(await isOnline(service, issuer)).toBe(isConnected ? undefined : false);
});
