/** Ctrl-C and its kin, at every moment of a tunnel's life. */
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { startFakeLocaltunnelServer } from "../helpers/fake-localtunnel-server.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { hang } from "./app.ts";
import { createProject, errorsOf, onlyDelivery, recordsOf } from "./project.ts";
import { createTunnelProject } from "./tunnel-project.ts";

const graceMs = 2_000;
// What a busy machine may need on top, before an end no longer counts as at once.
const slackMs = 2_500;

async function isListening(url: string): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port) });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s", (signal, code) => {
  test(`before it is ready ends at once with ${code}, and nothing is left or remembered`, async () => {
    using project = await createProject();
    await using server = await startFakeLocaltunnelServer({ answer: "never" });
    await using tunnel = project.start(["tunnel", "--host", server.url, "--json"]);
    await server.nextRegistration();
    const startedAt = performance.now();
    tunnel.child.kill(signal);
    const result = await tunnel.ended;
    expect(performance.now() - startedAt).toBeLessThan(slackMs);
    expect(result.code).toBe(code);
    expect(result.records.at(-1)).toMatchObject({ record: "exit", code, reason: signal });
    expect(result.records.map(({ record }) => record)).not.toContain("ready");
    expect(project.readRunFile()).toBeUndefined();
    expect(await isListening(project.issuer)).toBe(false);
  });

  test(`while it is idle ends at once with ${code}, and nothing listens any more`, async () => {
    await using project = await createTunnelProject();
    await using tunnel = await project.open(["--issuer", project.kinde.issuer]);
    const { intake, localIssuer } = tunnel.ready;
    expect([await isListening(intake!), await isListening(localIssuer)]).toEqual([true, true]);
    const startedAt = performance.now();
    const result = await tunnel.stop(signal);
    expect(performance.now() - startedAt).toBeLessThan(slackMs);
    expect(result.code).toBe(code);
    expect(result.records.at(-1)).toMatchObject({ record: "exit", code, reason: signal });
    expect(errorsOf(result)).toBe("");
    expect([await isListening(intake!), await isListening(localIssuer)]).toEqual([false, false]);
    expect(project.readRunFile()).toBeUndefined();
  });

  test(`lets the app answer what is under way: its sender gets that answer, and the end is ${code}`, async () => {
    await using project = await createTunnelProject();
    let answer: (() => void) | undefined;
    const waiting: Answer = (response) => void (answer = () => response.writeHead(200).end("in time"));
    await using app = await startReceiver({ answers: [waiting] });
    await using tunnel = await project.open([`${app.port}`, "--issuer", project.kinde.issuer]);
    const sent = project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    await app.next();
    tunnel.child.kill(signal);
    // It has seen the signal when it says so; what comes now is for later.
    await tunnel.line(/^Stopping: /);
    const late = await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.updated"));
    expect(late).toMatchObject({ status: 503, headers: { "retry-after": expect.any(String) } });
    answer!();
    expect(await sent).toMatchObject({ status: 200, body: "in time" });
    const result = await tunnel.ended;
    expect(result.code).toBe(code);
    expect(onlyDelivery(result).state).toBe("delivered");
    expect(recordsOf(result, "refused")).toMatchObject([{ code: "ERR_CLOSING", status: 503 }]);
  });
});

test("an app that does not answer within 2 s is cut off: its sender gets 503 and tries again", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver({ answers: [hang] });
  await using copy = await startReceiver({ answers: [hang] });
  const forwards = [`${app.port}`, "-f", `${copy.port}`];
  await using tunnel = await project.open([...forwards, "--issuer", project.kinde.issuer]);
  const sent = project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
  await Promise.all([app.next(), copy.next()]);
  const startedAt = performance.now();
  const result = await tunnel.stop();
  const tookMs = performance.now() - startedAt;
  expect(tookMs).toBeGreaterThan(graceMs - 100);
  expect(tookMs).toBeLessThan(graceMs + slackMs);
  expect(result.code).toBe(130);
  expect((await sent).status).toBe(503);
  expect(
    recordsOf(result, "delivery").map(({ state, attempts }) => [state, attempts[0]!.error!.code]),
  ).toEqual([
    ["pending", "ERR_ABORTED"],
    ["pending", "ERR_ABORTED"],
  ]);
  expect(await isListening(tunnel.ready.intake!)).toBe(false);
});

test("a second Ctrl-C ends at once, whatever is under way", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver({ answers: [hang] });
  await using tunnel = await project.show([`${app.port}`, "--issuer", project.kinde.issuer]);
  const sent = project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
  const cut = sent.catch(() => undefined);
  await app.next();
  tunnel.child.kill("SIGINT");
  await tunnel.line(/^Stopping: .* Ctrl-C again ends at once/);
  tunnel.child.kill("SIGINT");
  const { code, stdout } = await tunnel.ended;
  // The moment that was left of the 2 s was not waited for: at its end the attempt is cut off, and told.
  expect(stdout).not.toContain("◂");
  expect(code).toBe(130);
  await project.server.stop();
  await cut;
});

test("Ctrl-C while the tunnel is down ends at once", async () => {
  await using project = await createTunnelProject();
  await using tunnel = await project.open(["--issuer", project.kinde.issuer]);
  await project.server.kill();
  await tunnel.line(/"state":"reconnecting"/);
  const startedAt = performance.now();
  const result = await tunnel.stop();
  expect(performance.now() - startedAt).toBeLessThan(slackMs);
  expect(result.code).toBe(130);
});
