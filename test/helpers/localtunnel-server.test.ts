import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { expect, test, vi } from "vitest";
import { findFreePort } from "./free-port.ts";
import { requestPublic, startLocaltunnelServer } from "./localtunnel-server.mjs";
import { startReceiver } from "./receiver.ts";
import { openTunnelClient } from "./tunnel-client.ts";

test("grants a name, with the port in its public URL", async () => {
  await using server = await startLocaltunnelServer();
  const { status, body } = await requestPublic(`${server.url}/mysub`);
  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({
    id: "mysub",
    max_conn_count: 10,
    url: `http://mysub.localhost:${server.port}`,
  });
});

test("grants another name while the name is held", async () => {
  await using server = await startLocaltunnelServer();
  await using app = await startReceiver();
  using held = await openTunnelClient(server.url, "mysub", app.port);
  using other = await openTunnelClient(server.url, "mysub", app.port);
  expect(held.name).toBe("mysub");
  expect(other.name).not.toBe("mysub");
});

test("refuses a name that is too short", async () => {
  await using server = await startLocaltunnelServer();
  expect((await requestPublic(`${server.url}/abc`)).status).toBe(403);
});

test("carries a request to the client's local port and its answer back", async () => {
  await using server = await startLocaltunnelServer();
  await using app = await startReceiver({
    answers: [(response) => void response.writeHead(202, { "x-app": "yes" }).end("taken")],
  });
  using client = await openTunnelClient(server.url, "mysub", app.port);
  const answer = await requestPublic(`${client.publicUrl}/api/webhook`, {
    method: "POST",
    headers: { "content-type": "application/jwt", "webhook-id": "one" },
    body: "a.b.c",
  });
  expect(answer).toMatchObject({ status: 202, body: "taken", headers: { "x-app": "yes" } });
  const received = await app.next();
  expect(received).toMatchObject({ method: "POST", url: "/api/webhook", body: Buffer.from("a.b.c") });
  expect(received.headers).toMatchObject({ "webhook-id": "one", host: `mysub.localhost:${server.port}` });
});

test("answers 404 under a name that nobody has", async () => {
  await using server = await startLocaltunnelServer();
  expect((await requestPublic(`http://nobody.localhost:${server.port}/`)).status).toBe(404);
});

test("starts again on the port on which it was killed, and knows no name any more", async () => {
  await using app = await startReceiver();
  await using killed = await startLocaltunnelServer({ port: await findFreePort() });
  using _lost = await openTunnelClient(killed.url, "mysub", app.port);
  await killed.kill();
  await expect(requestPublic(killed.url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await using server = await startLocaltunnelServer({ port: killed.port });
  expect(server.url).toBe(killed.url);
  expect((await requestPublic(`http://mysub.localhost:${server.port}/`)).status).toBe(404);
  using client = await openTunnelClient(server.url, "mysub", app.port);
  expect((await requestPublic(client.publicUrl)).status).toBe(200);
});

test("answers nothing while it is stopped by SIGSTOP, and goes on after SIGCONT", async () => {
  await using server = await startLocaltunnelServer();
  await server.kill("SIGSTOP");
  await expect(requestPublic(server.url, { timeoutMs: 200 })).rejects.toMatchObject({ code: "ABORT_ERR" });
  await server.kill("SIGCONT");
  expect((await requestPublic(`${server.url}/api/status`)).status).toBe(200);
});

test("ends when told to, even while it is stopped by SIGSTOP, and when told twice", async () => {
  await using server = await startLocaltunnelServer();
  await server.kill("SIGSTOP");
  await server.stop();
  await server.stop();
  expect(() => process.kill(server.pid, 0)).toThrow("ESRCH");
});

test("is not started on a port that another has", async () => {
  await using server = await startLocaltunnelServer();
  await expect(startLocaltunnelServer({ port: server.port })).rejects.toThrow("EADDRINUSE");
});

test("ends when the process that started it is killed", async () => {
  const script = `
    import { startLocaltunnelServer } from ${JSON.stringify(new URL("localtunnel-server.mjs", import.meta.url).href)};
    console.log((await startLocaltunnelServer()).port);`;
  const parent = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [port] = (await once(createInterface(parent.stdout), "line")) as [string];
    const connection = connect(Number(port), "127.0.0.1");
    connection.on("error", () => {});
    await once(connection, "connect");
    const closed = once(connection, "close");
    parent.kill("SIGKILL");
    await closed;
    // While a process ends its port may still take a connection, to reset it.
    await vi.waitFor(
      async () => {
        await expect(requestPublic(`http://localhost:${port}`)).rejects.toMatchObject({
          code: "ECONNREFUSED",
        });
      },
      { timeout: 10_000 },
    );
  } finally {
    parent.kill("SIGKILL");
  }
});
