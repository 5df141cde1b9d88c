/** The network of the soak does what it is said to do. */
import { describe, expect, test, vi } from "vitest";
import { startLocaltunnelServer } from "../helpers/localtunnel-server.mjs";
import { startReceiver, type Receiver } from "../helpers/receiver.ts";
import { requestPublic } from "../helpers/request-public.mjs";
import { openTunnelClient, type TunnelClient } from "../helpers/tunnel-client.ts";
import { startNetwork, type Network } from "./network.ts";

interface Ends extends AsyncDisposable {
  readonly network: Network;
  readonly app: Receiver;
  readonly client: TunnelClient;
}

const name = "mysub";
const timeoutMs = 300;

async function openEnds(): Promise<Ends> {
  const server = await startLocaltunnelServer();
  const network = await startNetwork(server.port);
  const app = await startReceiver();
  const client = await openTunnelClient(network.url, name, app.port);
  await vi.waitFor(async () => {
    const { body } = await requestPublic(`${server.url}/api/tunnels/${name}/status`);
    expect(JSON.parse(body)).toEqual({ connected_sockets: 10 });
  }, 10_000);
  return {
    network,
    app,
    client,
    [Symbol.asyncDispose]: async () => {
      client[Symbol.dispose]();
      for (const one of [app, network, server]) await one[Symbol.asyncDispose]();
    },
  };
}

/** The name that the server grants now; it is let go again. */
async function grantedName({ network, app }: Ends): Promise<string> {
  using client = await openTunnelClient(network.url, name, app.port);
  return client.name;
}

describe("the network", () => {
  test("carries what it is given, both ways", async () => {
    await using ends = await openEnds();
    const { status } = await requestPublic(ends.client.publicUrl, { method: "POST", body: "hello" });
    expect(status).toBe(200);
    expect((await ends.app.next()).body.toString()).toBe("hello");
    expect(new URL(ends.client.publicUrl).port).toBe(new URL(ends.network.url).port);
  });

  test("takes its time when it is slow", async () => {
    await using ends = await openEnds();
    ends.network.delay(200);
    const startedAt = performance.now();
    await requestPublic(ends.client.publicUrl);
    // Both ways: a timer may fire early by as long as its turn of the event loop has lasted.
    expect(performance.now() - startedAt).toBeGreaterThan(300);
  });

  test("cuts connections, and takes new ones", async () => {
    await using ends = await openEnds();
    ends.network.cut();
    // The client opens new ones by itself.
    await vi.waitFor(async () => {
      expect((await requestPublic(ends.client.publicUrl, { timeoutMs })).status).toBe(200);
    }, 10_000);
  });

  test("swallows what goes over its connections, until the client ends them", async () => {
    await using ends = await openEnds();
    ends.network.swallow();
    await expect(requestPublic(ends.client.publicUrl, { timeoutMs })).rejects.toMatchObject({
      code: "ABORT_ERR",
    });
    expect(ends.app.requests).toEqual([]);
    expect(await grantedName(ends)).not.toBe(name);
    ends.client[Symbol.dispose]();
    await vi.waitFor(async () => expect(await grantedName(ends)).toBe(name), 10_000);
  });

  test("swallows their end as well for a time, so that the server keeps the name", async () => {
    await using ends = await openEnds();
    ends.network.swallow(60_000);
    ends.client[Symbol.dispose]();
    // Longer than the server keeps the name of a client that it knows to be gone.
    await expect(requestPublic(ends.client.publicUrl, { timeoutMs: 1_500 })).rejects.toMatchObject({
      code: "ABORT_ERR",
    });
    expect(await grantedName(ends)).not.toBe(name);
  });

  test("is away for all, and comes back", async () => {
    await using ends = await openEnds();
    ends.network.goAway();
    await expect(requestPublic(ends.network.url)).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect(requestPublic(ends.client.publicUrl)).rejects.toMatchObject({ code: "ECONNRESET" });
    ends.network.comeBack();
    expect((await requestPublic(`${ends.network.url}/api/status`)).status).toBe(200);
  });
});
