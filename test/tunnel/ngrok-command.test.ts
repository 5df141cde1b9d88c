import { chmodSync } from "node:fs";
import { expect, test } from "vitest";
import { createHeldClock } from "../delivery/held-clock.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { requestPublic } from "../helpers/request-public.mjs";
import { eventually } from "./eventually.ts";
import { createTestNgrok } from "./test-ngrok.ts";

test("the command is started for the port, carries what is sent there, and ends with the tunnel", async () => {
  await using app = await startReceiver({ answers: [202] });
  await using ngrok = await createTestNgrok();
  const command = ngrok.install("open");
  const tunnel = await ngrok.open(app.port);
  const { pid } = command;
  expect(command.notes).toEqual([`start ${pid} http ${app.port} --log stdout --log-format json`]);
  expect((await requestPublic(tunnel.publicUrl, { method: "POST", body: "token" })).status).toBe(202);
  expect((await app.next()).body.toString()).toBe("token");
  await tunnel.finish();
  tunnel.close();
  tunnel.close();
  await ngrok.provider.ended?.();
  expect(command.notes.slice(1)).toEqual(["end"]);
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});

test("a command that ends is a tunnel that is lost, and is started again for the next", async () => {
  await using app = await startReceiver();
  await using ngrok = await createTestNgrok();
  const command = ngrok.install("open");
  const tunnel = await ngrok.open(app.port);
  const { pid } = command;
  process.kill(pid, "SIGKILL");
  expect(await tunnel.lost).toBe("ngrok has ended (SIGKILL)");
  tunnel.close();
  await ngrok.open(app.port);
  expect(command.pid).not.toBe(pid);
});

test("it is in a process group of its own: Ctrl-C at the terminal is not for it", async () => {
  await using app = await startReceiver();
  await using ngrok = await createTestNgrok();
  const command = ngrok.install("open");
  const tunnel = await ngrok.open(app.port);
  // Only what leads a group is found by the negative of its id.
  process.kill(-command.pid, "SIGTERM");
  expect(await tunnel.lost).toBe("ngrok has ended (exit code 0)");
});

test("it is ended when this process ends without closing it, and nobody waits for that once it has ended", async () => {
  await using app = await startReceiver();
  await using ngrok = await createTestNgrok();
  ngrok.install("open");
  const tunnel = await ngrok.open(app.port);
  expect(ngrok.exitListeners.size).toBe(1);
  for (const end of ngrok.exitListeners) end();
  expect(await tunnel.lost).toBe("ngrok has ended (exit code 0)");
  expect(ngrok.exitListeners.size).toBe(0);
});

const reported = (code: string, text: string): string =>
  `authentication failed: ${text}\n\nSome more about it: https://example.com\r\n\r\n${code}\r\n`;

test.each([
  [
    "no token",
    reported("ERR_NGROK_4018", "Usage of ngrok requires a verified account and authtoken."),
    { code: "ERR_NGROK_TOKEN_MISSING", isPassing: false },
  ],
  [
    "a token that is refused",
    reported("ERR_NGROK_107", "The authtoken you specified is invalid.\nYour authtoken: 2secret"),
    { code: "ERR_NGROK_TOKEN_REFUSED", isPassing: false },
  ],
  [
    "too many agents",
    reported("ERR_NGROK_108", "Your account is limited to 1 simultaneous ngrok agent sessions."),
    { code: "ERR_NGROK_FAILED", isPassing: true },
  ],
  [
    "no network",
    'failed to dial ngrok server with address "connect.ngrok-agent.com:443": no such host',
    { code: "ERR_NGROK_FAILED", isPassing: false, reason: expect.stringContaining("no such host") as string },
  ],
  [
    "words on stderr alone",
    "stderr",
    {
      code: "ERR_NGROK_FAILED",
      isPassing: false,
      reason: expect.stringContaining("Error reading") as string,
    },
  ],
  [
    "an end without a word",
    "mute",
    { code: "ERR_NGROK_FAILED", isPassing: false, reason: "ngrok has ended at once (exit code 7)" },
  ],
])("a command that opens none is an error with its cause: %s", async (_cause, mode, error) => {
  await using ngrok = await createTestNgrok();
  ngrok.install(mode);
  await expect(ngrok.open(1)).rejects.toMatchObject({ exitCode: 3, ...error });
  expect(ngrok.exitListeners.size).toBe(0);
});

test("a command that says nothing is given 10 s, and is ended", async () => {
  const clock = createHeldClock();
  await using ngrok = await createTestNgrok({ clock });
  const command = ngrok.install("silent");
  const opening = ngrok.open(1);
  opening.catch(() => {});
  await eventually(() => command.notes.length).toBe(1);
  await clock.advance(10_000);
  await expect(opening).rejects.toMatchObject({
    code: "ERR_NGROK_FAILED",
    isPassing: true,
    reason: "ngrok opens none within 10 s",
  });
  expect(() => process.kill(command.pid, 0)).toThrow("ESRCH");
});

test("the wait for it ends with the signal, and so does it", async () => {
  await using ngrok = await createTestNgrok();
  const command = ngrok.install("silent");
  const abort = new AbortController();
  const opening = ngrok.open(1, abort.signal);
  await eventually(() => command.notes.length).toBe(1);
  abort.abort(new Error("enough"));
  await expect(opening).rejects.toThrow("enough");
  expect(() => process.kill(command.pid, 0)).toThrow("ESRCH");
});

test("a command that may not be executed is ERR_NGROK_FAILED with the reason", async () => {
  await using ngrok = await createTestNgrok();
  const { directory } = ngrok.install("open");
  chmodSync(`${directory}/ngrok`, 0o644);
  await expect(ngrok.open(1)).rejects.toMatchObject({
    code: "ERR_NGROK_FAILED",
    reason: "the command ngrok can't be run (EACCES)",
  });
});
