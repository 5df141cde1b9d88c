import { createServer } from "node:http";
import { expect, test } from "vitest";
import { startFakeNgrokAgent } from "../helpers/fake-ngrok-agent.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { listenOnLoopback } from "../helpers/listen-on-loopback.mjs";
import { startReceiver } from "../helpers/receiver.ts";
import { requestPublic } from "../helpers/request-public.mjs";
import { createTestNgrok, fastClock } from "./test-ngrok.ts";

test("an agent that runs is asked for a tunnel, which carries what is sent there, and ends with ours", async () => {
  await using app = await startReceiver({ answers: [202] });
  await using agent = await startFakeNgrokAgent();
  await using ngrok = await createTestNgrok({ agentUrl: agent.url });
  const command = ngrok.install("open");
  const tunnel = await ngrok.open(app.port);
  expect(agent.names).toEqual([`kinde-devhook-${app.port}`]);
  const { status } = await requestPublic(new URL("/hook?x=1", tunnel.publicUrl), {
    method: "POST",
    body: "token",
  });
  expect(status).toBe(202);
  const { url, body } = await app.next();
  expect([url, body.toString()]).toEqual(["/hook?x=1", "token"]);
  tunnel.close();
  tunnel.close();
  await ngrok.provider.ended?.();
  expect(agent.names).toEqual([]);
  expect(agent.requests.filter((request) => request.startsWith("DELETE"))).toHaveLength(1);
  expect(command.notes).toEqual([]);
});

test.each([
  ["localhost and a port", (port: number) => `localhost:${port}`],
  ["a URL", (port: number) => `http://localhost:${port}`],
  ["an address", (port: number) => `http://127.0.0.1:${port}`],
  ["a port", String],
])(
  "a tunnel of the user's that leads here already, told as %s, is taken, and left alone",
  async (_how, addr) => {
    await using app = await startReceiver();
    await using agent = await startFakeNgrokAgent();
    const url = await agent.open("command_line", addr(app.port), app.port);
    await using ngrok = await createTestNgrok({ agentUrl: agent.url });
    const tunnel = await ngrok.open(app.port);
    expect(tunnel.publicUrl.origin).toBe(url);
    tunnel.close();
    await ngrok.provider.ended?.();
    expect(agent.names).toEqual(["command_line"]);
  },
);

test.each([
  ["to another port", (port: number) => `http://localhost:${port + 1}`],
  ["to another machine", (port: number) => `http://192.0.2.1:${port}`],
  ["over TLS", (port: number) => `https://localhost:${port}`],
])("a tunnel that leads %s is another one", async (_where, addr) => {
  await using app = await startReceiver();
  await using agent = await startFakeNgrokAgent();
  await agent.open("command_line", addr(app.port), app.port);
  await using ngrok = await createTestNgrok({ agentUrl: agent.url });
  await ngrok.open(app.port);
  expect(agent.names).toEqual(["command_line", `kinde-devhook-${app.port}`]);
});

test("what a run that was killed has left is removed: the account may have one URL only", async () => {
  await using app = await startReceiver();
  await using otherRun = await startReceiver();
  const gone = await findFreePort();
  await using agent = await startFakeNgrokAgent();
  await agent.open(`kinde-devhook-${gone}`, `http://localhost:${gone}`, gone);
  await agent.open(`kinde-devhook-${otherRun.port}`, `http://localhost:${otherRun.port}`, otherRun.port);
  await agent.open("mine", `http://localhost:${gone}`, gone);
  await using ngrok = await createTestNgrok({ agentUrl: agent.url });
  await ngrok.open(app.port);
  expect(agent.names).toEqual([`kinde-devhook-${otherRun.port}`, "mine", `kinde-devhook-${app.port}`]);
});

test("a tunnel that is called off while the agent opens it is removed: it would lead to a port that is anybody's", async () => {
  await using app = await startReceiver();
  await using agent = await startFakeNgrokAgent();
  await using ngrok = await createTestNgrok({ agentUrl: agent.url });
  const goOn = agent.stall();
  const callOff = new AbortController();
  const opening = ngrok.open(app.port, callOff.signal);
  await expect.poll(() => agent.requests).toContain("POST /api/tunnels");
  callOff.abort(new Error("called off"));
  goOn();
  await expect(opening).rejects.toThrow("called off");
  expect(agent.requests.at(-1)).toBe(`DELETE /api/tunnels/kinde-devhook-${app.port}`);
  expect(agent.names).toEqual([]);
});

test("a tunnel that the agent ends is lost", async () => {
  await using app = await startReceiver();
  await using agent = await startFakeNgrokAgent();
  await using ngrok = await createTestNgrok({ agentUrl: agent.url, clock: fastClock });
  const { lost } = await ngrok.open(app.port);
  await agent.end(`kinde-devhook-${app.port}`);
  expect(await lost).toBe("the ngrok agent has ended this tunnel");
});

test("an agent that ends is a tunnel that is lost", async () => {
  await using app = await startReceiver();
  await using ngrok = await (async () => {
    await using agent = await startFakeNgrokAgent();
    const opened = await createTestNgrok({ agentUrl: agent.url, clock: fastClock });
    return { ...opened, tunnel: await opened.open(app.port) };
  })();
  expect(await ngrok.tunnel.lost).toBe("the ngrok agent does not answer any more");
});

test.each([
  [
    "the account's URL is in use",
    "failed to start tunnel: The endpoint 'https://acme.ngrok-free.app' is already online.\r\n\r\nERR_NGROK_334\r\n",
    { reason: "the URL of the ngrok account already leads elsewhere (ERR_NGROK_334)", isPassing: true },
  ],
  [
    "its words",
    "failed to start tunnel: the session is closed",
    { reason: 'ngrok opens none, and says "failed to start tunnel: the session is closed"', isPassing: true },
  ],
  [
    "nothing that can be read",
    Buffer.from("<html>"),
    { reason: "the ngrok agent answers 502", isPassing: true },
  ],
])("an agent that refuses is ERR_NGROK_FAILED with its cause: %s", async (_cause, refusal, error) => {
  await using app = await startReceiver();
  await using agent = await startFakeNgrokAgent();
  agent.refuse(refusal);
  await using ngrok = await createTestNgrok({ agentUrl: agent.url });
  await expect(ngrok.open(app.port)).rejects.toMatchObject({
    code: "ERR_NGROK_FAILED",
    exitCode: 3,
    ...error,
  });
});

test.each([
  ["says something else", 200, '{"hello":"world"}'],
  ["has no such page", 404, "404"],
])(
  "what listens at the agent's port and %s is no agent: the command is next",
  async (_what, status, body) => {
    await using app = await startReceiver();
    const stranger = await listenOnLoopback(0, () =>
      createServer((_, response) => response.writeHead(status).end(body)),
    );
    await using ngrok = await createTestNgrok({ agentUrl: new URL(`http://127.0.0.1:${stranger.port}`) });
    const command = ngrok.install("open");
    await ngrok.open(app.port);
    await stranger.close();
    expect(command.notes).toHaveLength(1);
  },
);
