import { expect, test } from "vitest";
import { createOwnUrl } from "../../src/tunnel/own-url.ts";

test("a tunnel of one's own has its public URL, and is opened by nobody", async () => {
  const publicUrl = new URL("https://hooks.acme.example/kinde");
  const provider = createOwnUrl(publicUrl);
  expect(provider.name).toBe("hooks.acme.example");
  const tunnel = await provider.open(4_000, new AbortController().signal);
  expect(tunnel.publicUrl).toBe(publicUrl);
  // Whether it works only the probe can tell: it is never lost.
  const isLost = await Promise.race([tunnel.lost.then(() => true), Promise.resolve(false)]);
  expect(isLost).toBe(false);
  tunnel.close();
});
