import { describe, expect, test } from "vitest";
import { startReceiver } from "../helpers/receiver.ts";
import { createProject, recordsOf, type TestProject } from "./project.ts";

/** Where `emit` would deliver to. */
async function endpointHost(
  project: TestProject,
  args: string[],
  env: Record<string, string>,
): Promise<string | undefined> {
  const { stdout } = await project.run(["emit", "user.created", "--print", "http", ...args], { env });
  return /^host: (.*)\r$/m.exec(stdout)?.[1];
}

test("flags win, then the environment, .env.local, .env, and --config or package.json", async () => {
  using project = await createProject();
  const env = { KINDE_DEVHOOK_TO: "3002" };
  expect(await endpointHost(project, [], {})).toBe("localhost:3000");
  project.write("package.json", JSON.stringify({ "kinde-devhook": { to: "3006" } }));
  expect(await endpointHost(project, [], {})).toBe("localhost:3006");
  project.write("config.json", JSON.stringify({ to: ["3005"] }));
  expect(await endpointHost(project, ["--config", "config.json"], {})).toBe("localhost:3005");
  project.write(".env", "KINDE_DEVHOOK_TO=3004\n");
  expect(await endpointHost(project, ["--config", "config.json"], {})).toBe("localhost:3004");
  project.write(".env.local", "# mine\nKINDE_DEVHOOK_TO='3003'\n");
  expect(await endpointHost(project, ["--config", "config.json"], {})).toBe("localhost:3003");
  expect(await endpointHost(project, ["--config", "config.json"], env)).toBe("localhost:3002");
  expect(await endpointHost(project, ["--to", "3001"], env)).toBe("localhost:3001");
});

test("--config without the option does not fall back to package.json", async () => {
  using project = await createProject();
  project.write("package.json", JSON.stringify({ "kinde-devhook": { to: "3006" } }));
  project.write("config.json", "{}");
  expect(await endpointHost(project, ["--config", "config.json"], {})).toBe("localhost:3000");
});

test("KINDE_DEVHOOK_CONFIG names the configuration file", async () => {
  using project = await createProject();
  project.write("config.json", JSON.stringify({ to: "3005" }));
  expect(await endpointHost(project, [], { KINDE_DEVHOOK_CONFIG: "config.json" })).toBe("localhost:3005");
});

test("several values are comma-separated in the environment, an array in a configuration file", async () => {
  using project = await createProject();
  await using first = await startReceiver();
  await using second = await startReceiver();
  const urls = [first.url, second.url];
  await project.run(["emit", "user.created"], { env: { KINDE_DEVHOOK_TO: urls.join(", ") } });
  project.write("config.json", JSON.stringify({ to: urls }));
  await project.run(["emit", "user.created", "--config", "config.json"]);
  expect([first.requests.length, second.requests.length]).toEqual([2, 2]);
});

describe.each([
  ["the environment", () => {}],
  [".env.local", (project: TestProject, lines: string) => project.write(".env.local", lines)],
  [".env", (project: TestProject, lines: string) => project.write(".env", lines)],
])("from %s", (name, write) => {
  test("the issuer's port, the timeout and --json are taken", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [() => {}] });
    const settings = {
      KINDE_DEVHOOK_TO: app.url,
      KINDE_DEVHOOK_ISSUER_PORT: String(project.issuerPort),
      KINDE_DEVHOOK_TIMEOUT: "50ms",
      KINDE_DEVHOOK_JSON: "1",
      KINDE_DEVHOOK_COUNT: "2",
    };
    write(
      project,
      Object.entries(settings)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(""),
    );
    const env = name === "the environment" ? settings : { KINDE_DEVHOOK_ISSUER_PORT: undefined };
    const result = await project.run(["emit", "user.created"], { env });
    expect(recordsOf(result, "delivery")).toMatchObject([
      { verification: { issuer: project.issuer }, attempts: [{ error: { code: "ERR_TIMEOUT" } }] },
      { endpoint: app.url },
    ]);
  });
});

test("a configuration file's names may be in camel case, and other commands' names are passed over", async () => {
  using project = await createProject();
  await using app = await startReceiver();
  const config = {
    issuerPort: project.issuerPort,
    to: app.url,
    timeout: 5,
    json: true,
    webhook: "none of emit's",
  };
  project.write("package.json", JSON.stringify({ name: "app", "kinde-devhook": config }));
  const result = await project.run(["emit", "user.created"], {
    env: { KINDE_DEVHOOK_ISSUER_PORT: undefined },
  });
  expect(recordsOf(result, "delivery")).toMatchObject([
    { state: "delivered", verification: { issuer: project.issuer } },
  ]);
});

test("a name of .env without KINDE_DEVHOOK_ sets nothing, nor does an empty value", async () => {
  using project = await createProject();
  project.write(".env", "TO=3001\nDEVHOOK_TO=3002\nKINDE_TO=3003\nKINDE_DEVHOOK_TO=\n");
  expect(await endpointHost(project, [], {})).toBe("localhost:3000");
});

test("KINDE_DEVHOOK_VERSION and KINDE_DEVHOOK_HELP set nothing", async () => {
  using project = await createProject();
  const { code } = await project.run(["keys", "show"], {
    env: { KINDE_DEVHOOK_VERSION: "0.1.0", KINDE_DEVHOOK_HELP: "https://wiki.invalid" },
  });
  expect(code).toBe(0);
});

test.each([
  ["missing", undefined, "there is no such file"],
  ["no JSON", "{bad", "no JSON"],
  ["no object", "[]", "no JSON object"],
])("a configuration file that is %s ends with 2", async (_how, content, message) => {
  using project = await createProject();
  if (content !== undefined) project.write("config.json", content);
  const { code, stderr } = await project.run(["emit", "user.created", "--config", "config.json"]);
  expect(code).toBe(2);
  expect(stderr).toContain("ERR_INVALID_CONFIG");
  expect(stderr).toContain(message);
});
