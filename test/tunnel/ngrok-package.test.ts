import { mkdirSync } from "node:fs";
import { expect, test } from "vitest";
import { createNgrok } from "../../src/tunnel/ngrok.ts";
import { systemClock } from "../../src/delivery/clock.ts";
import { createHeldClock } from "../delivery/held-clock.ts";
import { installNgrokPackage } from "../helpers/fake-ngrok.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { requestPublic } from "../helpers/request-public.mjs";
import { createTestNgrok } from "./test-ngrok.ts";

test("the package of the project opens one that carries what is sent there, until it is closed", async () => {
  await using app = await startReceiver({ answers: [202] });
  await using ngrok = await createTestNgrok();
  installNgrokPackage(ngrok.project, "open");
  const tunnel = await ngrok.open(app.port);
  expect((await requestPublic(tunnel.publicUrl)).status).toBe(202);
  tunnel.close();
  await ngrok.provider.ended?.();
  await expect(requestPublic(tunnel.publicUrl)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("it is found from a directory inside the project too", async () => {
  await using ngrok = await createTestNgrok();
  installNgrokPackage(ngrok.project, "failed to connect session: the network is down");
  const workingDirectory = `${ngrok.project}/packages/api`;
  mkdirSync(workingDirectory, { recursive: true });
  const environment = { PATH: "", NGROK_AUTHTOKEN: "a-token" };
  const agentUrl = new URL("http://127.0.0.1:1");
  const provider = createNgrok({
    agentUrl,
    workingDirectory,
    environment,
    onExit: () => () => {},
    clock: systemClock,
  });
  await expect(provider.open(1, new AbortController().signal)).rejects.toMatchObject({
    code: "ERR_NGROK_FAILED",
    isPassing: true,
    reason: expect.stringContaining("the network is down") as string,
  });
});

test("the command comes before the package: it knows the token that was given to it", async () => {
  await using app = await startReceiver();
  await using ngrok = await createTestNgrok();
  installNgrokPackage(ngrok.project, "broken");
  const command = ngrok.install("open");
  await ngrok.open(app.port);
  expect(command.notes).toHaveLength(1);
});

test("without NGROK_AUTHTOKEN it is ERR_NGROK_TOKEN_MISSING: it knows no other place", async () => {
  await using ngrok = await createTestNgrok({ token: "" });
  installNgrokPackage(ngrok.project, "open");
  await expect(ngrok.open(1)).rejects.toMatchObject({
    code: "ERR_NGROK_TOKEN_MISSING",
    message: expect.stringContaining("set NGROK_AUTHTOKEN") as string,
  });
});

test.each([
  [
    "its service's refusal",
    "failed to connect session: The authtoken you specified does not look like a proper ngrok authtoken.\nYour authtoken: a-token error_code: ERR_NGROK_105",
    { code: "ERR_NGROK_TOKEN_REFUSED" },
  ],
  [
    "what can't be loaded",
    "broken",
    {
      code: "ERR_NGROK_FAILED",
      reason: "the package @ngrok/ngrok can't be loaded (Failed to load native binding)",
    },
  ],
  [
    "a version of another kind",
    "other",
    { code: "ERR_NGROK_FAILED", reason: "the package @ngrok/ngrok can't be loaded (it has no forward())" },
  ],
])("a package that opens none is an error with its cause: %s", async (_cause, mode, error) => {
  await using ngrok = await createTestNgrok();
  installNgrokPackage(ngrok.project, mode);
  await expect(ngrok.open(1)).rejects.toMatchObject({ exitCode: 3, ...error });
});

test("a package that says nothing is given 10 s", async () => {
  const clock = createHeldClock();
  await using ngrok = await createTestNgrok({ clock });
  installNgrokPackage(ngrok.project, "silent");
  const opening = ngrok.open(1);
  opening.catch(() => {});
  await expect.poll(() => clock.waiting).toBe(1);
  await clock.advance(10_000);
  await expect(opening).rejects.toMatchObject({
    code: "ERR_NGROK_FAILED",
    reason: "ngrok opens none within 10 s",
  });
});

test("the wait for it ends with the signal", async () => {
  await using ngrok = await createTestNgrok();
  installNgrokPackage(ngrok.project, "silent");
  await expect(ngrok.open(1, AbortSignal.timeout(50))).rejects.toMatchObject({ name: "TimeoutError" });
});

test("where there is neither agent nor command nor package: ERR_NGROK_NOT_FOUND, with what to install", async () => {
  await using ngrok = await createTestNgrok();
  await expect(ngrok.open(1)).rejects.toMatchObject({
    code: "ERR_NGROK_NOT_FOUND",
    exitCode: 3,
    isPassing: false,
    message: expect.stringMatching(/ngrok\.com\/download.*npm install --save-dev @ngrok\/ngrok/) as string,
  });
});
