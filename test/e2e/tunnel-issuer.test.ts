/** Whose webhooks the tunnel lets in, and whose keys the app finds at the local issuer. */
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { verifyingAnswer } from "./app.ts";
import { onlyDelivery, recordsOf, type TestProject } from "./project.ts";
import { createTunnelProject, type TunnelProject } from "./tunnel-project.ts";

describe("the real issuer", () => {
  test("is the first found: --issuer, its settings, what is remembered, the variables of the app", async () => {
    await using project = await createTunnelProject();
    const args: string[] = [];
    const env: Record<string, string> = { KINDE_DEVHOOK_ANY_SUBDOMAIN: "1" };
    const name = (index: number): string => `${project.kinde.issuer}/${index}`;
    const variables: Record<string, string>[] = [{}, {}];
    const writeVariables = (): void => {
      for (const [index, file] of [".env", ".env.local"].entries()) {
        const lines = Object.entries(variables[index]!).map(([key, value]) => `${key}=${value}\n`);
        project.write(file, lines.join(""));
      }
    };
    // The farthest first: each that is added is nearer than all before it.
    const sources: ((issuer: string) => void)[] = [
      (issuer) => Object.assign(variables[0]!, { KINDE_DOMAIN: `${issuer}/` }),
      (issuer) => Object.assign(variables[1]!, { KINDE_DOMAIN: issuer }),
      (issuer) => Object.assign(env, { KINDE_DOMAIN: issuer }),
      (issuer) => Object.assign(variables[0]!, { KINDE_ISSUER_URL: issuer }),
      (issuer) => Object.assign(variables[1]!, { KINDE_ISSUER_URL: `${issuer}//` }),
      (issuer) => Object.assign(env, { KINDE_ISSUER_URL: issuer }),
      (issuer) => project.write(".kinde-devhook/state.json", JSON.stringify({ issuer })),
      (issuer) => project.write("package.json", JSON.stringify({ "kinde-devhook": { issuer } })),
      (issuer) => Object.assign(variables[0]!, { KINDE_DEVHOOK_ISSUER: issuer }),
      (issuer) => Object.assign(env, { KINDE_DEVHOOK_ISSUER: issuer }),
      (issuer) => args.push("--issuer", issuer),
    ];
    for (const [index, set] of sources.entries()) {
      set(name(index));
      writeVariables();
      await using tunnel = await project.open(args, { env });
      await tunnel.stop();
      expect(tunnel.ready.issuer).toBe(name(index));
    }
  }, 60_000);

  test.each([
    ["KINDE_DOMAIN", { env: { KINDE_DOMAIN: "localhost:1" } }, []],
    ["--issuer", {}, ["--issuer", "localhost:1/"]],
  ])("may be a bare host, which means https: %s", async (_source, options, args) => {
    await using project = await createTunnelProject();
    await using tunnel = await project.open(args, options);
    expect(tunnel.ready.issuer).toBe("https://localhost:1");
  });

  test.each([
    ["http://localhost:PORT"],
    ["http://127.0.0.1:PORT/"],
    ["http://[::1]:PORT"],
    ["https://localhost:PORT"],
    ["https://app.localhost:PORT"],
  ])("is not ourselves, as the app's KINDE_ISSUER_URL=%s rightly is", async (url) => {
    await using project = await createTunnelProject();
    const env = { KINDE_ISSUER_URL: url.replace("PORT", String(project.issuerPort)) };
    await using tunnel = await project.open([], { env });
    expect(tunnel.ready.issuer).toBeNull();
    const [warning, ...others] = recordsOf(await tunnel.stop(), "warning");
    expect(warning?.code).toBe("WARN_NO_ISSUER");
    expect(warning?.message).toContain("KINDE_ISSUER_URL");
    expect(warning?.message).toContain("--issuer https://acme.kinde.com");
    expect(others).toEqual([]);
  });

  test("is looked for further when the nearest is ourselves, or makes no sense here", async () => {
    await using project = await createTunnelProject();
    project.write(".env", `KINDE_DOMAIN=${project.kinde.issuer}\n`);
    for (const url of [project.issuer, "http://host.docker.internal:4455"]) {
      const env = { KINDE_ISSUER_URL: url, KINDE_DEVHOOK_ANY_SUBDOMAIN: "1" };
      await using tunnel = await project.open([], { env });
      expect(tunnel.ready.issuer).toBe(project.kinde.issuer);
      // The name of the first is not free again at once when the second starts; no other warning is given.
      const warnings = recordsOf(await tunnel.stop(), "warning");
      expect(warnings.filter(({ code }) => code !== "WARN_SUBDOMAIN_TAKEN")).toEqual([]);
    }
  });
});

async function printToken(project: Pick<TestProject, "run">): Promise<string> {
  const { stdout } = await project.run(["emit", "user.created", "--print", "token"]);
  return stdout.trim();
}

describe("without a real issuer", () => {
  test("what Kinde signed is answered 503 and refused, what our own key signed is let in", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver({ answers: [verifyingAnswer(project.issuer)] });
    await using tunnel = await project.open([String(app.port)]);
    expect(tunnel.ready.issuer).toBeNull();
    const fromKinde = await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    expect(fromKinde).toMatchObject({ status: 503, body: "" });
    expect(Number(fromKinde.headers["retry-after"])).toBeGreaterThan(0);
    const ours = await project.kinde.deliver(tunnel.url, await printToken(project));
    expect(ours.status).toBe(200);

    const result = await tunnel.stop();
    expect(recordsOf(result, "warning").map(({ code }) => code)).toEqual(["WARN_NO_ISSUER"]);
    expect(recordsOf(result, "refused")).toMatchObject([{ code: "ERR_NO_ISSUER", status: 503 }]);
    expect(onlyDelivery(result)).toMatchObject({
      direction: "relayed",
      state: "delivered",
      verification: { status: "verified", kid: signingKey.kid, issuer: project.issuer },
    });
    expect(app.requests).toHaveLength(1);
  });

  test("people are told at once, and in the refusal's line, what to do", async () => {
    await using project = await createTunnelProject();
    await using tunnel = await project.show();
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    const { stdout, stderr } = await tunnel.stop();
    expect(stderr).toMatch(/^warning .*--issuer https:\/\/acme\.kinde\.com.* \(WARN_NO_ISSUER\)$/m);
    expect(stdout).toMatch(/✕ refused 503 .*--issuer https:\/\/acme\.kinde\.com.*\(ERR_NO_ISSUER\)$/m);
    expect(stdout).toContain("lets in what this project emits");
  });
});

describe("a real issuer whose keys can't be had", () => {
  const faults: [
    fault: string,
    code: string,
    breakIt: (project: TunnelProject) => string | Promise<string>,
  ][] = [
    ["answers a web page", "ERR_JWKS_INVALID", ({ kinde }) => (kinde.answerJwksWith("html"), kinde.issuer)],
    ["answers 500", "ERR_JWKS_UNREACHABLE", ({ kinde }) => (kinde.answerJwksWith("error"), kinde.issuer)],
    ["does not answer", "ERR_JWKS_UNREACHABLE", ({ kinde }) => (kinde.answerJwksWith("never"), kinde.issuer)],
    ["is down", "ERR_JWKS_UNREACHABLE", async ({ kinde }) => (await kinde.stop(), kinde.issuer)],
    ["speaks no https", "ERR_JWKS_UNREACHABLE", ({ kinde }) => kinde.issuer.replace("http:", "https:")],
  ];

  test.each(faults)(
    "because it %s: told, its webhooks get 503, ours are let in",
    async (_fault, code, breakIt) => {
      await using project = await createTunnelProject();
      await using app = await startReceiver({ answers: [verifyingAnswer(project.issuer)] });
      const token = project.kinde.signWebhook("user.created");
      const issuer = await breakIt(project);
      await using tunnel = await project.open([String(app.port), "--issuer", issuer]);
      expect(tunnel.ready).toMatchObject({ issuer, probed: true });
      const answer = await project.kinde.deliver(tunnel.url, token);
      expect(answer).toMatchObject({ status: 503, body: "", headers: { "retry-after": expect.any(String) } });
      const ours = await project.kinde.deliver(tunnel.url, await printToken(project));
      expect(ours.status).toBe(200);

      const result = await tunnel.stop();
      const [warning, ...others] = recordsOf(result, "warning");
      expect(warning).toMatchObject({ code: "WARN_JWKS_UNREACHABLE" });
      expect(warning?.message).toContain(new URL(issuer).host);
      expect(others).toEqual([]);
      expect(recordsOf(result, "refused")).toMatchObject([{ code, status: 503 }]);
    },
  );

  test("is asked again, and its webhooks are let in as soon as it answers", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver();
    project.kinde.answerJwksWith("error");
    await using tunnel = await project.open([String(app.port), "--issuer", project.kinde.issuer]);
    project.kinde.answerJwksWith("jwks");
    const statuses = new Set<number>();
    // As Kinde does: it tries again until it is answered 200. The issuer is asked every few seconds at most.
    for (let tries = 1; !statuses.has(200) && tries <= 200; tries++) {
      const token = project.kinde.signWebhook("user.created");
      statuses.add((await project.kinde.deliver(tunnel.url, token)).status);
      await setTimeout(100);
    }
    expect([...statuses]).toEqual([503, 200]);
  });
});

describe("the blended JWKS", () => {
  test("holds Kinde's keys and ours, so that one running app takes relayed and emitted events alike", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver({ answers: [verifyingAnswer(project.issuer)] });
    await using tunnel = await project.open([String(app.port), "--issuer", project.kinde.issuer]);
    const response = await fetch(tunnel.ready.jwksUrl);
    const { keys } = (await response.json()) as { keys: { kid: string }[] };
    expect(keys.map(({ kid }) => kid).toSorted()).toEqual([project.kinde.kid, signingKey.kid].toSorted());

    const token = project.kinde.signWebhook("user.created");
    expect((await project.kinde.deliver(tunnel.url, token)).status).toBe(200);
    // Bare: to where the tunnel forwards, with the issuer that the tunnel serves.
    const emitted = await project.run(["emit", "user.updated", "--json"]);
    expect(emitted.code).toBe(0);
    expect(onlyDelivery(emitted)).toMatchObject({
      direction: "emitted",
      endpoint: `http://localhost:${app.port}/api/webhook`,
      state: "delivered",
    });
    expect(emitted.stderr).toContain("where the tunnel forwards to");
    expect(project.readRunFile()?.pid).toBe(tunnel.child.pid);

    const result = await tunnel.stop();
    expect(onlyDelivery(result).event?.type).toBe("user.created");
    expect(app.requests).toHaveLength(2);
  });

  test("is left to the next when the tunnel ends in the middle of an emit", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver({ answers: [verifyingAnswer(project.issuer)] });
    await using tunnel = await project.open([String(app.port), "--issuer", project.kinde.issuer]);
    const load = ["--count", "100000", "--concurrency", "2", "--rate", "50/s", "--json"];
    await using emit = project.start(["emit", "user.created", ...load]);
    await emit.line(/"delivery"/);
    expect((await tunnel.stop()).code).toBe(130);
    const before = app.requests.length;
    while (app.requests.length < before + 20) await app.next();
    emit.child.kill("SIGINT");
    const [summary] = recordsOf(await emit.ended, "summary");
    expect(summary).toMatchObject({ failed: 0, delivered: summary!.total });
  });
});
