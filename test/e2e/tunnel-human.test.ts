/** What people see of `tunnel`, and what never reaches their terminal. */
import { describe, expect, test } from "vitest";
import { startLocaltunnelServer } from "../helpers/localtunnel-server.mjs";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { hang, reply } from "./app.ts";
import { errorsOf } from "./project.ts";
import { createTunnelProject } from "./tunnel-project.ts";

const controls = /(?!\n)\p{Cc}|[\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const time = "\\d\\d:\\d\\d:\\d\\d";

describe("when it is ready", () => {
  test.each([
    ["3999", "/api/webhook", "http://localhost:3999  whatever path is called"],
    ["3999/hooks/kinde", "/hooks/kinde", "http://localhost:3999/hooks/kinde"],
    ["/hooks/kinde", "/hooks/kinde", "http://localhost:3000/hooks/kinde"],
  ])(
    "with %s, the two lines to paste are the endpoint and the app's variable",
    async (forward, path, shown) => {
      await using project = await createTunnelProject();
      await using tunnel = await project.show([forward, "--issuer", project.kinde.issuer]);
      const result = await tunnel.stop();
      const { stdout } = result;
      const lines = stdout.split("\n").map((line) => line.trim());
      const endpoint = lines.find((line) => line.includes("← for Kinde"));
      expect(endpoint).toMatch(new RegExp(`^http://devhook-[a-z2-9]{12}\\.localhost:\\d+${path} `));
      expect(lines.find((line) => line.includes("← for your app"))).toContain(
        `KINDE_ISSUER_URL=${project.issuer} `,
      );
      expect(lines).toContain(`forwards to ${shown}`);
      expect(lines.find((line) => line.startsWith("lets in"))).toContain(project.kinde.issuer);
      expect(errorsOf(result)).toMatch(/^If Kinde has this URL, .*\n$/);
    },
  );

  test("with --json the records go to stdout, and stderr stays empty", async () => {
    await using project = await createTunnelProject();
    await using tunnel = await project.open(["3999", "--issuer", project.kinde.issuer]);
    const result = await tunnel.stop();
    const { stdout } = result;
    expect(stdout).not.toContain("←");
    expect(errorsOf(result)).toBe("");
  });
});

test("an event is one line, the answer stands under it, and a second attempt says so", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver({ answers: [reply(400, "no signature header"), 200] });
  await using tunnel = await project.show([String(app.port), "--issuer", project.kinde.issuer]);
  const token = project.kinde.signWebhook("user.created");
  for (let attempt = 1; attempt <= 2; attempt++) {
    await project.kinde.deliver(tunnel.url, token, { webhookId: "same" });
  }
  const result = await tunnel.stop();
  const { stdout } = result;
  const event = `${time}  ▸ user\\.created  event_[\\da-f]{4}…[\\da-f]{4}  verified · kid ${project.kinde.kid.slice(0, 8)}…`;
  expect(stdout).toMatch(
    new RegExp(
      [
        `^${event}$`,
        `^${time}  ◂ 400  POST /api/webhook  [\\d.,]+ ms  "no signature header"  Kinde tries again in about \\d s \\(attempt 2\\)$`,
        "^ {12}\\S.*$",
        `^${event}  attempt 2$`,
        `^${time}  ◂ 200  POST /api/webhook  [\\d.,]+ ms$`,
      ].join("\n"),
      "m",
    ),
  );
  expect(errorsOf(result)).toMatch(/^Kinde keeps calling this URL: .*\n$/);
});

test("who is not let in is a line, and a stranger who knocks a hundred times does not fill the screen", async () => {
  await using project = await createTunnelProject();
  await using tunnel = await project.show(["3999", "--issuer", project.kinde.issuer]);
  for (let knock = 1; knock <= 30; knock++) {
    await project.kinde.deliver(tunnel.url, project.kinde.accessToken());
  }
  const { stdout } = await tunnel.stop();
  const lines = stdout.split("\n").filter((line) => line.includes("✕ refused"));
  expect(lines.length).toBeGreaterThanOrEqual(1);
  expect(lines.length).toBeLessThanOrEqual(20);
  for (const line of lines) {
    expect(line).toMatch(
      new RegExp(`^${time}  ✕ refused 401  POST /api/webhook  .*\\bazp\\b.*  \\(ERR_ACCESS_TOKEN\\)$`),
    );
  }
});

test("a lost server is told, and its return too", async () => {
  await using project = await createTunnelProject();
  await using tunnel = await project.show(["3999", "--issuer", project.kinde.issuer]);
  await project.server.kill();
  const down = await tunnel.line(/✕ tunnel down/);
  expect(down).toMatch(new RegExp(`^${time}  ✕ tunnel down  \\S`));
  await tunnel.line(/… (trying again|still down) {2}/);
  await using _server = await startLocaltunnelServer({ port: project.server.port });
  expect(await tunnel.line(/✓ tunnel up again/)).toContain(new URL(tunnel.url).origin);
});

describe("the hint under what the app answers", () => {
  const hints: [answer: string, answers: Answer, phrases: string[]][] = [
    ["201", 201, ["documents only 200", "(WARN_NOT_200)"]],
    ["204", 204, ["documents only 200", "(WARN_NOT_200)"]],
    ["302", reply(302, "", { location: "/login" }), ["redirects to /login", "auth middleware"]],
    ["400", 400, ["has not fetched our JWKS", "raw body", "KINDE_ISSUER_URL="]],
    ["401", 401, ["auth middleware", "KINDE_ISSUER_URL="]],
    ["403", 403, ["CSRF", "KINDE_ISSUER_URL="]],
    ["404", 404, ["no route answers /api/webhook", "--forward"]],
    ["405", 405, ["not for POST"]],
    ["413", 413, ["body limit"]],
    ["415", 415, ["application/jwt"]],
    ["500", 500, ["your app's own output"]],
    ["a web page", reply(200, "<p>Home</p>", { "content-type": "text/html" }), ["web page", "--forward"]],
    ["nothing, and hangs up", (response) => void response.destroy(), ["ended the connection", "crashed"]],
    ["nothing in time", hang, ["did not answer", "--timeout"]],
  ];

  test.each(hints)("%s", async (_answer, answer, phrases) => {
    await using project = await createTunnelProject();
    await using app = await startReceiver({ answers: [answer] });
    // Only what never comes may be waited for in vain: the machine may be busy.
    const timeout = answer === hang ? "300ms" : "20s";
    const args = [String(app.port), "--issuer", project.kinde.issuer, "--timeout", timeout];
    await using tunnel = await project.show(args);
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    const { stdout } = await tunnel.stop();
    const hint = stdout.split("\n").find((line) => /^ {12}\S/.test(line));
    for (const phrase of phrases) expect(hint).toContain(phrase);
  });

  test("an app that does not run", async () => {
    await using project = await createTunnelProject();
    await using tunnel = await project.show([String(await findFreePort()), "--issuer", project.kinde.issuer]);
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    const { stdout } = await tunnel.stop();
    expect(stdout).toMatch(
      /◂ no answer .*\(ERR_CONNECTION_REFUSED\)  Kinde tries again .*\n +is your app running/,
    );
  });

  test("does not blame the JWKS once the app has asked for it", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver({ answers: [400] });
    await using tunnel = await project.show([String(app.port), "--issuer", project.kinde.issuer]);
    await (await fetch(`${project.issuer}/.well-known/jwks`)).text();
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    const { stdout } = await tunnel.stop();
    expect(stdout).toContain("raw body");
    expect(stdout).not.toContain("has not fetched");
  });
});

describe("control characters", () => {
  const nasty = "\u001b]0;title\u0007\u001b[31mred\u009b31m\u202egnp\u2028";

  test.each([[[]], [["--json"]]])(
    "in type, id, path and header never reach a terminal (%j)",
    async (flags) => {
      await using project = await createTunnelProject();
      const { kinde } = project;
      await using app = await startReceiver({ answers: [reply(400, nasty)] });
      const args = [String(app.port), "--issuer", kinde.issuer, ...flags];
      const tunnel = flags.length === 0 ? await project.show(args) : await project.open(args);
      await using _ = tunnel;
      const { origin } = new URL(tunnel.url);
      const event = { type: `user.${nasty}`, event_id: `event_${nasty}`, source: nasty };
      // Node's own client refuses to send the rest of them in a header; a server gets them all the same.
      const headers = { "webhook-id": "a\u009b31mb", "x-own": "\u0085" };
      await kinde.deliver(`${origin}/a%1b`, kinde.signWebhook("user.created", event), { headers });
      await kinde.deliver(`${origin}/%1b[31m`, "hello", { headers });
      const { stdout, stderr } = await tunnel.stop();
      expect(stdout + stderr).not.toMatch(controls);
      expect(stdout).toContain("\\u001b");
    },
  );
});

test("nothing is coloured where there is no terminal", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver({ answers: [500] });
  const env = { NO_COLOR: undefined, TERM: "xterm-256color" };
  await using tunnel = await project.show([String(app.port), "--issuer", project.kinde.issuer], { env });
  await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
  const { stdout, stderr } = await tunnel.stop();
  expect(stdout + stderr).not.toContain("\u001b");
});
