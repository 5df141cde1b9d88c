/** Every command of the installed package, run from an empty directory, on every Node there is. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandNames, findCommand } from "../../src/cli/commands/commands.ts";
import { verifyToken } from "../../src/kinde/verify.ts";
import { createRemoteJwks } from "../../src/trust/remote-jwks.ts";
import { runCli, startCli, type CliResult, type RunningCli } from "../helpers/cli.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startLocaltunnelServer } from "../helpers/localtunnel-server.mjs";
import { startReceiver } from "../helpers/receiver.ts";
import { startStandInKinde } from "../helpers/stand-in-kinde.mjs";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";
import { installPackage, type InstalledPackage } from "./installed-package.ts";
import { nodes } from "./nodes.ts";

let installed: InstalledPackage;
beforeAll(() => {
  installed = installPackage();
});
afterAll(() => installed[Symbol.dispose]());

/** The exit code after Ctrl-C. */
const interrupted = 130;

interface Shell {
  /** Runs a line to its end. */
  run(line: string): Promise<CliResult>;
  start(line: string): RunningCli;
}

/** What each command is for, done. @returns the exit code that it ends with */
const uses: Readonly<Record<string, (shell: Shell) => Promise<number | null>>> = {
  tunnel: async ({ start }) => {
    await using server = await startLocaltunnelServer();
    await using kinde = await startStandInKinde();
    await using receiver = await startReceiver();
    const flags = `--issuer ${kinde.issuer} --host ${server.url} --issuer-port ${await findFreePort()}`;
    await using tunnel = start(`tunnel ${receiver.port} --json ${flags}`);
    const { publicUrl } = JSON.parse(await tunnel.line(/"record":"ready"/)) as { publicUrl: string };
    const token = kinde.signWebhook("user.created");
    expect((await kinde.deliver(`${publicUrl}/api/webhook`, token)).status).toBe(200);
    expect((await receiver.next()).body.toString()).toBe(token);
    expect((await kinde.deliver(`${publicUrl}/api/webhook`, kinde.accessToken())).status).toBe(401);
    return await interrupt(tunnel);
  },
  emit: async ({ run }) => {
    await using receiver = await startReceiver();
    const flags = `--issuer-port ${await findFreePort()} --json`;
    const { code, records } = await run(`emit user.created --to ${receiver.url} ${flags}`);
    expect(records.at(-1)).toMatchObject({ record: "exit", code: 0, reason: "done" });
    expect((await receiver.next()).headers["content-type"]).toBe("application/jwt");
    expect((await run("emit user.created --print token")).stdout).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(JSON.parse((await run("emit user.created --print claims")).stdout)).toMatchObject({
      type: "user.created",
      event_id: expect.any(String) as string,
    });
    return code;
  },
  mock: async ({ run, start }) => {
    await using receiver = await startReceiver();
    const port = await findFreePort();
    await using mock = start(`mock --issuer-port ${port} --webhook ${receiver.url} --json`);
    await mock.line(/"record":"ready"/);
    // By the same project, so that the mock is asked to do it.
    expect((await run(`emit user.created --issuer-port ${port}`)).code).toBe(0);
    expect(JSON.parse(await mock.line(/"state":"delivered"/))).toMatchObject({ endpoint: receiver.url });
    const token = (await receiver.next()).body.toString();
    const verification = await verifyToken(token, createRemoteJwks(`http://localhost:${port}`));
    expect(verification).toMatchObject({ status: "verified" });
    return await interrupt(mock);
  },
  run: async ({ run }) => {
    await using receiver = await startReceiver();
    const tool = `${process.execPath} ${installed.bin}`;
    expect((await run(`run -- ${tool} nonsense`)).code).toBe(2);
    expect((await run("run -- kinde-devhook-has-no-such-command")).code).toBe(127);
    // The key is the mock's alone, so that the mock has to be the one that signs.
    const { code } = await run(`run -- ${tool} emit user.created --to ${receiver.url}`);
    expect((await receiver.next()).headers["content-type"]).toBe("application/jwt");
    return code;
  },
  history: async ({ run }) => {
    await using receiver = await startReceiver();
    await run(`emit user.created --to ${receiver.url} --issuer-port ${await findFreePort()}`);
    expect((await run("history")).stdout).toMatch(/ dlv_\w{8} {2}emitted {2}user\.created {2}delivered 200 /);
    expect((await run("history show last")).stdout).toContain('"type": "user.created"');
    const { code, stdout } = await run("history clear --yes");
    expect(stdout).toContain("Forgot 1 delivery");
    return code;
  },
  replay: async ({ run }) => {
    await using receiver = await startReceiver();
    const flags = `--issuer-port ${await findFreePort()}`;
    await run(`emit user.created --to ${receiver.url} ${flags}`);
    const { code } = await run(`replay last ${flags}`);
    expect((await receiver.next()).body).toEqual((await receiver.next()).body);
    return code;
  },
  triggers: async ({ run }) => {
    expect((await run("triggers")).stdout).toContain("user.created");
    const { code, stdout } = await run("triggers user.updated");
    expect(stdout).toContain("captured");
    return code;
  },
  keys: async ({ run }) => {
    expect((await run("keys show")).stdout).toContain('"kty": "RSA"');
    expect((await run("keys rotate")).stdout).toContain("signs from now on");
    const { keys } = JSON.parse((await run("keys export")).stdout) as { keys: object[] };
    expect(keys).toHaveLength(2);
    const { code, stdout } = await run("keys retire");
    expect(stdout).toContain("is retired");
    return code;
  },
  doctor: async ({ run }) => {
    await using server = await startLocaltunnelServer();
    const flags = `--host ${server.url} --issuer-port ${await findFreePort()}`;
    const { records } = await run(`doctor ${flags} --json`);
    expect(records.filter(({ verdict }) => verdict === "fail")).toEqual([]);
    const { code, stdout } = await run(`doctor ${flags}`);
    expect(stdout).toContain("Nothing must be fixed");
    return code;
  },
  completion: async ({ run }) => {
    expect((await run("completion bash")).stdout).toMatch(/^complete -F/m);
    expect((await run("completion zsh")).stdout).toMatch(/^compdef /m);
    expect((await run("completion fish")).stdout).toMatch(/^complete -c/m);
    const { code, stdout } = await run("completion --candidates bash emit user.cr");
    expect(stdout).toMatch(/^user\.created$/m);
    return code;
  },
};

test("every command is tried", () => {
  expect(Object.keys(uses).toSorted()).toEqual(commandNames.toSorted());
});

describe.each(nodes)("on Node $version, from an empty directory,", ({ node }) => {
  test.each(commandNames)("`kinde-devhook %s` does its work, and ends as it should", async (name) => {
    using directory = createTemporaryDirectory();
    const options = { cwd: directory.path, bin: installed.bin, node };
    const code = await uses[name]?.({
      run: (line) => runCli(line.split(" "), options),
      start: (line) => startCli(line.split(" "), options),
    });
    expect(code).toBe(["tunnel", "mock"].includes(name) ? interrupted : 0);
  });

  test.each(commandNames)("`kinde-devhook %s --help` shows all of its options", async (name) => {
    using directory = createTemporaryDirectory();
    const options = { cwd: directory.path, bin: installed.bin, node };
    const { code, stdout, stderr } = await runCli([name, "--help"], options);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const flags = Object.keys(findCommand(name).options).map((option) => `--${option}`);
    expect(flags.filter((flag) => !stdout.includes(flag))).toEqual([]);
  });

  test("`kinde-devhook --help` names every command", async () => {
    using directory = createTemporaryDirectory();
    const options = { cwd: directory.path, bin: installed.bin, node };
    const { code, stdout } = await runCli(["--help"], options);
    expect(code).toBe(0);
    expect(commandNames.filter((name) => !stdout.includes(`kinde-devhook ${name}`))).toEqual([]);
  });
});

async function interrupt(running: RunningCli): Promise<number | null> {
  running.child.kill("SIGINT");
  return (await running.ended).code;
}
