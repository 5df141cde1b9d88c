/** `tunnel --redact`: the app gets what came, and nobody else sees what is personal. */
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { startReceiver } from "../helpers/receiver.ts";
import { reply } from "./app.ts";
import { recordsOf } from "./project.ts";
import { createTunnelProject, readHistory, type TunnelProject } from "./tunnel-project.ts";

// An id that is drawn may hold "ada" among its digits.
const personal =
  /(?<![0-9a-z])(?:ada(?![0-9a-z])|eyJ)|lovelace|example\.com|\b412345678|412 345 678|203\.0\.113|198\.51\.100|2001:db8/i;

const user = {
  id: "kp_65b28d71bba14fa380d56d2d8d3503da",
  email: "ada.lovelace@example.com",
  first_name: "Ada",
  last_name: "Lovelace",
  phone: "+61 412 345 678",
  organizations: [{ code: "org_590d7f1a86a", permissions: null, roles: null }],
};
const echo = reply(
  500,
  `no user Ada Lovelace <ada.lovelace%40example.com>, +61412345678, from 198.51.100.7`,
  {
    "x-user": "Ada",
  },
);
const sent = { webhookId: "wh-1", headers: { "x-forwarded-for": "203.0.113.9", "x-real-ip": "2001:db8::9" } };

function sign(project: TunnelProject): string {
  return project.kinde.signWebhook("user.created", { data: { user }, ip_address: "203.0.113.9" });
}

/** All that the project keeps on disk, as it lies there. */
function readFiles({ directory }: TunnelProject): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/tls|keys\.json/.test(join(entry.parentPath, entry.name)))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n");
}

test("the app gets what came, byte for byte; records, history and control API hold nothing of a person and no token", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver({ answers: [echo] });
  await using tunnel = await project.open([`${app.port}`, "--redact", "--issuer", project.kinde.issuer]);
  expect(tunnel.ready).toMatchObject({ redact: true });
  const token = sign(project);
  const answer = await project.kinde.deliver(`${tunnel.url}?for=ada.lovelace%40example.com`, token, sent);
  expect(answer).toMatchObject({ status: 500, body: expect.stringContaining("Ada Lovelace") as string });
  await tunnel.line(/"record":"delivery"/);
  const { token: control } = project.readRunFile()!;
  const headers = { authorization: `Bearer ${control}` };
  const asked = await fetch(`${project.issuer}/_devhook/api/deliveries`, { headers });
  const { deliveries } = (await asked.json()) as { deliveries: { id: string }[] };
  const one = await fetch(`${project.issuer}/_devhook/api/deliveries/${deliveries[0]!.id}`, { headers });
  const result = await tunnel.stop();

  const [request] = app.requests;
  expect(request!.body.toString()).toBe(token);
  expect(request!.url).toContain("ada.lovelace%40example.com");
  expect(request!.headers["x-forwarded-for"]).toContain("203.0.113.9");

  const shown = [
    result.stdout,
    result.stderr,
    JSON.stringify(deliveries),
    await one.text(),
    readFiles(project),
  ];
  for (const text of shown) expect(text).not.toMatch(personal);
  const [record] = recordsOf(result, "delivery");
  expect(record).toMatchObject({
    isRedacted: true,
    endpoint: expect.stringContaining("?for=[email]") as string,
    event: { type: "user.created" },
    verification: { status: "verified", kid: project.kinde.kid },
    claims: { data: { user: { id: user.id, email: "[email]", first_name: "[name]", phone: "[phone]" } } },
    attempts: [
      {
        request: { headers: { "x-real-ip": "[ip]", "webhook-id": "wh-1" } },
        response: {
          headers: { "x-user": "[name]" },
          body: "no user [name] [name] <[email]>, [phone], from [ip]",
        },
      },
    ],
  });
  expect(record).not.toHaveProperty("token");
  expect(readHistory(project)).toMatchObject([{ id: record!.id, isRedacted: true, token: "" }]);
});

test("people are told that it redacts, and see masks where the app repeats what it got", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver({ answers: [echo] });
  await using tunnel = await project.show([`${app.port}`, "--redact", "--issuer", project.kinde.issuer]);
  await tunnel.line(/^ {2}masks personal values in what is shown and kept; .* \(--redact\)$/);
  await project.kinde.deliver(`${tunnel.url}/Ada`, sign(project), sent);
  expect(await tunnel.line(/▸ user\.created/)).toContain("verified");
  expect(await tunnel.line(/◂ 500 /)).toMatch(/POST \/api\/webhook\/\[name\] .*"no user \[name\] \[name\]/);
  // Whoever is not let in has written what he wanted.
  await project.kinde.deliver(`${tunnel.url}?mail=grace@example.com`, "no token");
  expect(await tunnel.line(/✕ refused/)).toContain("?mail=[email]");
  const { stdout, stderr } = await tunnel.stop();
  expect(stdout + stderr).not.toMatch(personal);
});

test("what was recorded without --redact is masked where such a tunnel shows it, and can still be sent again", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver({ answers: [echo] });
  const args = [`${app.port}`, "--issuer", project.kinde.issuer];
  const token = sign(project);
  await using before = await project.open(args);
  await project.kinde.deliver(before.url, token, sent);
  await before.line(/"record":"delivery"/);
  await before.stop();
  expect(readFiles(project)).toMatch(personal);

  await using tunnel = await project.open([...args, "--redact"]);
  const { token: control } = project.readRunFile()!;
  const headers = { authorization: `Bearer ${control}` };
  const ask = async (path: string, method = "GET"): Promise<string> => {
    const response = await fetch(`${project.issuer}/_devhook/api/deliveries${path}`, { method, headers });
    expect(response.status).toBe(200);
    return await response.text();
  };
  const page = new WebSocket(`${project.issuer.replace("http", "ws")}/_devhook/live`, [
    "kinde-devhook",
    control,
  ]);
  const messages: string[] = [];
  page.on("message", (message: Buffer) => messages.push(message.toString()));
  while (!messages.join("\n").includes('"isLast":true')) await once(page, "message");
  const shown = [await ask("?email=ada"), await ask("/last"), await ask("/last/replay", "POST"), ...messages];
  page.terminate();
  const result = await tunnel.stop();

  expect(app.requests.map(({ body }) => body.toString())).toEqual([token, token]);
  for (const text of shown.slice(0, 3)) expect(text).toContain("user.created");
  for (const text of [...shown, result.stdout, result.stderr]) expect(text).not.toMatch(personal);
});

test("a tunnel that is started anew goes on with a redacted delivery: redacted again, or as it comes now", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver({ answers: [echo] });
  const args = [`${app.port}`, "--issuer", project.kinde.issuer];
  const token = sign(project);
  const attempt = async (options: string[]): Promise<void> => {
    await using tunnel = await project.open([...args, ...options]);
    await project.kinde.deliver(tunnel.url, token, sent);
    await tunnel.line(/"record":"delivery"/);
    await tunnel.stop();
  };
  await attempt(["--redact"]);
  await attempt(["--redact"]);
  expect(readFiles(project)).not.toMatch(personal);
  await attempt([]);
  const [first, second, third] = readHistory(project);
  expect(second).toMatchObject({
    id: first!.id,
    isRedacted: true,
    token: "",
    attempts: [{ number: 1 }, { number: 2 }],
  });
  expect(JSON.stringify(second!.attempts[0])).toBe(JSON.stringify(first!.attempts[0]));
  expect(third).toMatchObject({
    id: first!.id,
    token,
    attempts: [{ number: 1 }, { number: 2 }, { number: 3 }],
  });
  expect(third).not.toHaveProperty("isRedacted");
  expect(third).not.toHaveProperty("claims");
  expect(JSON.stringify(third!.attempts.slice(0, 2))).not.toMatch(personal);
});

test("a setting makes it stay, and a flag can undo it", async () => {
  await using project = await createTunnelProject();
  const env = { KINDE_DEVHOOK_REDACT: "1" };
  const args = ["--issuer", project.kinde.issuer];
  await using set = await project.open(args, { env });
  expect(set.ready).toMatchObject({ redact: true });
  await set.stop();
  const { code, stderr } = await project.run(["tunnel", "--json-token", ...args], { env });
  expect(code).toBe(2);
  expect(stderr).toContain("ERR_INVALID_OPTION");
  await using undone = await project.open(["--redact=false", ...args], { env });
  expect(undone.ready).not.toHaveProperty("redact");
});
