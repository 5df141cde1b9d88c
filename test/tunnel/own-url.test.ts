import { expect, test } from "vitest";
import { createOwnUrl } from "../../src/tunnel/own-url.ts";

test("a tunnel of one's own that carries nothing is to be started again by its owner: the provider says where to", () => {
  const { advice } = createOwnUrl(new URL("https://hooks.acme.example"));
  expect(advice?.(4_460)).toContain("so that https://hooks.acme.example leads to http://localhost:4460");
});

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
