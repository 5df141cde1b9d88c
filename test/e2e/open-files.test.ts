/** The built command line where the system lets it open no more files for a moment. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { untilClosed } from "../net/until-closed.ts";
import { createProject } from "./project.ts";

const limit = 64;

test.skipIf(process.platform === "win32").each(["/_devhook/", "/_devhook/api/health"])(
  "%s that could not be loaded with too many files open is there once there are fewer",
  async (path) => {
    using project = await createProject();
    const line = `ulimit -n ${limit}; exec "$0" "$@"`;
    const command = [line, process.execPath, join(process.cwd(), "dist/cli.js"), "mock", "--json"];
    await using running = project.start(command, { node: "bash", bin: "-c" });
    await running.line(/"record":"ready"/);

    const [first, ...others] = await openSockets(project.issuerPort);
    // One too many is hung up on.
    await Promise.race(others.map(untilClosed));
    first!.write(`GET ${path} HTTP/1.1\r\nhost: localhost:${project.issuerPort}\r\n\r\n`);
    const [answer] = (await once(first!, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 500 [^]*EMFILE/);

    for (const socket of [first!, ...others]) socket.destroy();
    const ask = async (): Promise<number | undefined> =>
      await fetch(project.issuer + path).then(
        ({ status }) => status,
        () => undefined,
      );
    await expect.poll(ask, { timeout: 10_000 }).toBe(200);
  },
);

/** The first of them is connected before the others. */
async function openSockets(port: number): Promise<readonly Socket[]> {
  const open = (): Socket => connect(port, "127.0.0.1").on("error", () => {});
  const first = open();
  await once(first, "connect");
  return [first, ...Array.from({ length: limit }, open)];
}
