import { describe, expect, test } from "vitest";
import { startCommandMock, type CommandMock } from "../../src/app/command-mock.ts";
import { findSurroundingMock } from "../../src/app/surrounding-mock.ts";
import { systemClock } from "../../src/delivery/clock.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { createSigningKeys } from "../../src/kinde/signing-keys.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";

const webhook = "http://localhost:3000/api/webhook";

describe("the mock around a command", () => {
  test("is found by the variables that the command gets", async () => {
    await using started = await startMock();
    expect(await findSurroundingMock(started.environment)).toEqual({
      port: started.mock.port,
      pid: process.pid,
      command: "run",
      token: started.environment["KINDE_DEVHOOK_TOKEN"],
      webhooks: [webhook],
    });
  });

  test.each([
    ["not set", {}],
    ["empty", { KINDE_DEVHOOK_URL: "", KINDE_DEVHOOK_TOKEN: "" }],
  ])("is none where they are %s", async (_, environment) => {
    expect(await findSurroundingMock(environment)).toBeUndefined();
  });

  test("is ERR_CONTROL_TOKEN with another's token", async () => {
    await using started = await startMock();
    const environment = { ...started.environment, KINDE_DEVHOOK_TOKEN: "another" };
    await expect(findSurroundingMock(environment)).rejects.toMatchObject({
      code: "ERR_CONTROL_TOKEN",
      exitCode: 2,
      message: expect.stringContaining("KINDE_DEVHOOK_TOKEN") as string,
    });
  });

  test("is ERR_MOCK_UNREACHABLE where it has gone, and where another program listens", async () => {
    await using stranger = await startReceiver();
    for (const port of [await findFreePort(), stranger.port]) {
      const environment = { KINDE_DEVHOOK_URL: `http://localhost:${port}`, KINDE_DEVHOOK_TOKEN: "x" };
      await expect(findSurroundingMock(environment)).rejects.toMatchObject({
        code: "ERR_MOCK_UNREACHABLE",
        exitCode: 3,
        message: expect.stringContaining("KINDE_DEVHOOK_URL") as string,
      });
    }
  });

  test.each([
    ["one without the other", { KINDE_DEVHOOK_URL: "http://localhost:4455" }, "KINDE_DEVHOOK_TOKEN"],
    ["the other without the one", { KINDE_DEVHOOK_TOKEN: "x" }, "KINDE_DEVHOOK_URL"],
    ["no URL", { KINDE_DEVHOOK_URL: "4455", KINDE_DEVHOOK_TOKEN: "x" }, "KINDE_DEVHOOK_URL"],
    ["another scheme", { KINDE_DEVHOOK_URL: "file:///x", KINDE_DEVHOOK_TOKEN: "x" }, "KINDE_DEVHOOK_URL"],
    [
      "another machine",
      { KINDE_DEVHOOK_URL: "http://evil.example", KINDE_DEVHOOK_TOKEN: "x" },
      "KINDE_DEVHOOK_URL",
    ],
  ])("is ERR_INVALID_OPTION by %s", async (_, environment, option) => {
    await expect(findSurroundingMock(environment)).rejects.toMatchObject({
      code: "ERR_INVALID_OPTION",
      option,
    });
  });
});

async function startMock(): Promise<CommandMock & AsyncDisposable> {
  const started = await startCommandMock({
    signingKeys: createSigningKeys(signingKey),
    clock: systemClock,
    webhooks: [{ url: new URL(webhook), eventTypes }],
    timeoutMs: 20_000,
    client: undefined,
    port: 0,
    onChange: () => {},
  });
  return { ...started, [Symbol.asyncDispose]: () => started.mock.close(0) };
}
