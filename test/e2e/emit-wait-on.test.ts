import { expect, test } from "vitest";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { claimsOf } from "./app.ts";
import { createProject } from "./project.ts";

test.each([
  ["bare, behind the event type", (to: string) => ["emit", "user.created", "--to", to, "--wait-on"]],
  ["bare, before the event type", (to: string) => ["emit", "--to", to, "--wait-on", "user.created"]],
  ["with a URL", (to: string) => ["emit", "user.created", "--to", to, "--wait-on", to]],
  ["with a port", (to: string) => ["emit", "user.created", "--to", to, "--wait-on", new URL(to).port]],
])("--wait-on %s delivers to an app that starts later", async (_how, args) => {
  using project = await createProject();
  const port = await findFreePort();
  await using emit = project.start(args(`http://127.0.0.1:${port}/api/webhook`));
  await emit.line(/^Waiting up to 60 s/);
  await using app = await startReceiver({ port });
  const result = await emit.ended;
  expect(result.code).toBe(0);
  expect(app.requests.map((request) => claimsOf(request).type)).toEqual(["user.created"]);
});

test("--wait-on waits for another app than the endpoint's", async () => {
  using project = await createProject();
  await using app = await startReceiver();
  const port = await findFreePort();
  await using emit = project.start(["emit", "user.created", "--to", app.url, "--wait-on", `${port}`]);
  await emit.line(/^Waiting up to 60 s/);
  expect(app.requests).toHaveLength(0);
  await using database = await startReceiver({ port });
  expect(await emit.ended).toMatchObject({ code: 0 });
  expect(app.requests).toHaveLength(1);
  expect(database.requests).toHaveLength(0);
});

test("--wait-on as a setting stands alone with true", async () => {
  using project = await createProject();
  await using app = await startReceiver();
  project.write("package.json", JSON.stringify({ "kinde-devhook": { "wait-on": true } }));
  const { code } = await project.run(["emit", "user.created", "--to", app.url]);
  expect(code).toBe(0);
});

test("Ctrl-C ends the wait", async () => {
  using project = await createProject();
  await using emit = project.start([
    "emit",
    "user.created",
    "--to",
    `${await findFreePort()}`,
    "--wait-on",
    "--json",
  ]);
  await emit.line(/^Waiting up to 60 s/);
  emit.child.kill("SIGINT");
  const result = await emit.ended;
  expect(result.code).toBe(130);
  expect(result.records).toMatchObject([{ record: "exit", code: 130, reason: "SIGINT" }]);
});

test.each([
  ["false", ["role.created"]],
  ["true", ["role.created"]],
])("KINDE_DEVHOOK_WAIT_ON=%s is no event type", async (setting, types) => {
  using project = await createProject();
  await using app = await startReceiver();
  const { code } = await project.run(["emit", "role.created", "--to", app.url], {
    env: { KINDE_DEVHOOK_WAIT_ON: setting },
  });
  expect(code).toBe(0);
  expect(app.requests.map((request) => claimsOf(request).type)).toEqual(types);
});

test("KINDE_DEVHOOK_WAIT_ON with an event type is a bad URL, and emits nothing", async () => {
  using project = await createProject();
  await using app = await startReceiver();
  const { code, stderr } = await project.run(["emit", "role.created", "--to", app.url], {
    env: { KINDE_DEVHOOK_WAIT_ON: "user.created" },
  });
  expect(code).toBe(2);
  expect(stderr).toContain("KINDE_DEVHOOK_WAIT_ON");
  expect(app.requests).toEqual([]);
});
