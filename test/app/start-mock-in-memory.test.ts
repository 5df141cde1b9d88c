import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { startMockKinde } from "../../src/index.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { ask } from "../issuer/ask.ts";

const isLinux = process.platform === "linux";

describe("a mock in memory does not start on a port", () => {
  test("of another process: ERR_PORT_TAKEN, with its pid where the system tells", async () => {
    await using other = await startStranger();
    await expect(startMockKinde({ signingKey, port: other.port })).rejects.toMatchObject({
      code: "ERR_PORT_TAKEN",
      exitCode: 3,
      port: other.port,
      pid: isLinux ? other.pid : undefined,
      message: expect.stringContaining("leave `port` out") as string,
    });
  });

  test("of another server of this process: ERR_PORT_TAKEN", async () => {
    await using receiver = await startReceiver();
    await expect(startMockKinde({ signingKey, port: receiver.port })).rejects.toMatchObject({
      code: "ERR_PORT_TAKEN",
      pid: isLinux ? process.pid : undefined,
      message: expect.stringContaining(isLinux ? "this very process" : "another program") as string,
    });
  });

  test("of another mock of this process: ERR_PORT_TAKEN, and the other serves on", async () => {
    await using kinde = await startMockKinde({ signingKey });
    await expect(startMockKinde({ signingKey, port: kinde.port })).rejects.toMatchObject({
      code: "ERR_PORT_TAKEN",
      pid: process.pid,
      message: expect.stringContaining("another mock of this process") as string,
    });
    expect((await ask(kinde.port, "/.well-known/jwks")).status).toBe(200);
  });

  test("that two ask for at once but one of them", async () => {
    const { port } = await startAndClose();
    const started = await Promise.allSettled([
      startMockKinde({ signingKey, port }),
      startMockKinde({ signingKey, port }),
    ]);
    for (const each of started) if (each.status === "fulfilled") await each.value.close();
    expect(started.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const refused = started.find((each) => each.status === "rejected");
    expect(refused?.reason).toMatchObject({ code: "ERR_PORT_TAKEN" });
  });
});

test("its control API says that it is of no project, so that no command takes it for its own", async () => {
  await using kinde = await startMockKinde({ signingKey });
  const { json } = await ask(kinde.port, "/_devhook/api/health");
  expect(json).toMatchObject({ project: null, pid: process.pid, keyIds: [signingKey.kid] });
});

async function startAndClose(): Promise<{ readonly port: number }> {
  await using kinde = await startMockKinde({ signingKey });
  return { port: kinde.port };
}

/** A process of another program that listens. */
async function startStranger(): Promise<AsyncDisposable & { readonly pid: number; readonly port: number }> {
  const program =
    "const s=require('net').createServer(c=>c.end()).listen(0,'127.0.0.1',()=>console.log(s.address().port))";
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "ignore"] });
  const [port] = (await once(createInterface(child.stdout), "line")) as [string];
  return {
    pid: child.pid ?? 0,
    port: Number(port),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
