import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startReceiver } from "../helpers/receiver.ts";
import { createProject } from "./project.ts";

test("--to, then the running mock, then the forward setting, then the last 200, then the default", async () => {
  using project = await createProject();
  await using given = await startReceiver();
  await using ofMock = await startReceiver();
  await using forward = await startReceiver();
  await using last = await startReceiver();
  const counts = (): number[] => [given, ofMock, forward, last].map(({ requests }) => requests.length);
  const env = { KINDE_DEVHOOK_FORWARD: forward.url };

  const byDefault = await project.run(["emit", "user.created", "--print", "http"]);
  expect(byDefault.stdout).toMatch(/^POST \/api\/webhook HTTP\/1\.1\r\nhost: localhost:3000\r\n/);

  await project.run(["emit", "user.created", "--to", last.url]);
  const again = await project.run(["emit", "user.created"]);
  expect(again.stderr).toContain(`${last.url} (the last to answer 200`);
  expect(counts()).toEqual([0, 0, 0, 2]);

  const forwarded = await project.run(["emit", "user.created"], { env });
  expect(forwarded.stderr).toContain(`${forward.url} (the forward setting`);
  expect(counts()).toEqual([0, 0, 1, 2]);

  await using mock = project.start(["mock", "--webhook", ofMock.url]);
  await mock.line(/^ready/);
  const mocked = await project.run(["emit", "user.created"], { env });
  expect(mocked.stderr).toContain(`${ofMock.url} (the running mock, pid ${mock.child.pid}`);
  expect(counts()).toEqual([0, 1, 1, 2]);

  const told = await project.run(["emit", "user.created", "--to", given.url], { env });
  expect(told.stderr).toContain(`${given.url} (--to)`);
  expect(counts()).toEqual([1, 1, 1, 2]);
});

test("a mock without webhooks is no destination", async () => {
  using project = await createProject();
  await using app = await startReceiver();
  await using mock = project.start(["mock"]);
  await mock.line(/^ready/);
  const { stderr } = await project.run(["emit", "user.created"], { env: { KINDE_DEVHOOK_FORWARD: app.url } });
  expect(stderr).toContain("the forward setting");
  expect(app.requests).toHaveLength(1);
});

test("only one endpoint that answered 200 is remembered", async () => {
  using project = await createProject();
  await using refusing = await startReceiver({ answers: [500] });
  await using accepting = await startReceiver();
  await using other = await startReceiver();
  const nextHost = async (): Promise<string | undefined> =>
    /^host: (.*)\r$/m.exec((await project.run(["emit", "user.created", "--print", "http"])).stdout)?.[1];

  await project.run(["emit", "user.created", "--to", refusing.url]);
  await project.run(["emit", "user.created", "--to", accepting.url, "--to", other.url]);
  await project.run(["emit", "user.created", "--to", refusing.url, "--expect", "500"]);
  expect(await nextHost()).toBe("localhost:3000");
  await project.run(["emit", "user.created", "--to", accepting.url]);
  expect(await nextHost()).toBe(`127.0.0.1:${accepting.port}`);
});

test("a state file that can't be read is passed over and left as it is", async () => {
  using project = await createProject();
  await using app = await startReceiver();
  project.write(".kinde-devhook/state.json", "{damaged");
  const { code } = await project.run(["emit", "user.created", "--to", app.url]);
  expect(code).toBe(0);
  expect(readFileSync(join(project.directory, "state.json"), "utf8")).toBe("{damaged");
});

test("an endpoint on another machine is warned of: an app there can't reach the local issuer", async () => {
  using project = await createProject();
  const { stderr, code } = await project.run(["emit", "user.created", "--to", "http://app.invalid/hooks"]);
  expect(stderr).toContain("WARN_REMOTE_ENDPOINT");
  expect(code).toBe(1);
});
