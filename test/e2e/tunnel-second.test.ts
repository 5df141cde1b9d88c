/** One project has one tunnel: a second says where the first is. */
import { describe, expect, test } from "vitest";
import { startFakeLocaltunnelServer } from "../helpers/fake-localtunnel-server.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { createProject } from "./project.ts";
import { createTunnelProject } from "./tunnel-project.ts";

describe("a second tunnel of the same project", () => {
  test.each([
    ["with the same issuer port", () => []],
    ["with another issuer port", async () => ["--issuer-port", String(await findFreePort())]],
    ["with a name and a tunnel of its own", async () => ["-s", "devhook-second", "3999"]],
  ])(
    "%s: exit 2, ERR_TUNNEL_RUNNING, with the URL and pid of the first, which goes on",
    async (_how, more) => {
      await using project = await createTunnelProject();
      await using first = await project.open(["--issuer", project.kinde.issuer]);
      const result = await project.run(["tunnel", ...(await more()), "--json"]);
      expect(result.code).toBe(2);
      expect(result.records.at(-1)).toMatchObject({ record: "exit", code: 2, reason: "ERR_TUNNEL_RUNNING" });
      expect(result.stderr).toContain(`pid ${first.child.pid}, ${first.ready.publicUrl}`);
      expect(result.records.map(({ record }) => record)).not.toContain("ready");

      expect(project.readRunFile()).toMatchObject({
        command: "tunnel",
        pid: first.child.pid,
        publicUrl: first.ready.publicUrl,
      });
      const answer = await project.kinde.deliver(first.url, project.kinde.accessToken());
      expect(answer.status).toBe(401);
    },
  );

  test("is refused while the first is not open yet", async () => {
    using project = await createProject();
    await using server = await startFakeLocaltunnelServer({ answer: "never" });
    const args = ["tunnel", "--host", server.url, "--json"];
    await using first = project.start(args);
    await server.nextRegistration();
    const { code, stderr } = await project.run(args);
    expect(code).toBe(2);
    expect(stderr).toContain(`pid ${first.child.pid}, not open yet`);
    expect(server.registrations).toHaveLength(1);
  });

  test("is not kept from starting by what a killed one left", async () => {
    await using project = await createTunnelProject();
    await using first = await project.open();
    await first.stop("SIGKILL");
    expect(project.readRunFile()).toMatchObject({ pid: first.child.pid });
    await using second = await project.open();
    expect(second.ready.publicUrl).toBe(first.ready.publicUrl);
    expect(project.readRunFile()).toMatchObject({ pid: second.child.pid });
  });

  test("of another project runs beside it", async () => {
    await using project = await createTunnelProject();
    using other = await createProject();
    await using first = await project.open();
    await using second = other.start(["tunnel", "--host", project.server.url, "--json"]);
    const ready = JSON.parse(await second.line(/"ready"/)) as { publicUrl: string };
    expect(ready.publicUrl).not.toBe(first.ready.publicUrl);
  });
});

describe("tunnels of one project that start at once", () => {
  test.each([
    ["with one issuer port", 1],
    ["with an issuer port each", 3],
  ])("%s: exactly one runs, the others exit 2 and name one that was there", async (_how, portCount) => {
    await using project = await createTunnelProject();
    const free = await Promise.all(Array.from({ length: portCount }, findFreePort));
    const ports = [0, 1, 2].map((index) => free[index % portCount]!);
    const tunnels = ports.map((port) =>
      project.start(["tunnel", "--issuer-port", String(port), "-s", "devhook-only", "--json"]),
    );
    try {
      const ends = tunnels.map(({ ended }, index) => ended.then((result) => ({ index, result })));
      const losers = [await Promise.race(ends)];
      losers.push(await Promise.race(ends.filter((_, index) => index !== losers[0]!.index)));
      for (const { result } of losers) {
        expect([result.code, result.stderr]).toEqual([2, expect.stringContaining("(ERR_TUNNEL_RUNNING)")]);
        expect(result.records.map(({ record }) => record)).not.toContain("ready");
      }
      const winner = tunnels.find((_, index) => !losers.some((loser) => loser.index === index))!;
      await winner.line(/^{"record":"ready"/);
      // Of several at once it may be one that has to give way itself.
      for (const { index, result } of losers) {
        const others = tunnels.filter((_, other) => other !== index).map(({ child }) => child.pid);
        expect(others).toContain(Number(/\(pid (\d+)[,)]/.exec(result.stderr)?.[1]));
      }
      winner.child.kill("SIGINT");
      expect((await winner.ended).code).toBe(130);
    } finally {
      await Promise.all(tunnels.map(async (tunnel) => await tunnel[Symbol.asyncDispose]()));
    }
  });
});
