import { expect, test } from "vitest";
import { startReceiver } from "../helpers/receiver.ts";
import { verifyingAnswer } from "./app.ts";
import { createProject, recordsOf } from "./project.ts";

test("emits at once share the issuer; when the one that serves ends another takes over, and every event verifies", async () => {
  using project = await createProject();
  const answers = [verifyingAnswer(project.issuer)];
  await using appOfFirst = await startReceiver({ answers });
  await using appOfOthers = await startReceiver({ answers });
  const load = ["--count", "100000", "--concurrency", "2", "--rate", "100/s", "--json"];

  await using first = project.start(["emit", "user.created", "--to", appOfFirst.url, ...load]);
  await appOfFirst.next();
  expect(project.readRunFile()?.pid).toBe(first.child.pid);
  await using second = project.start(["emit", "user.created", "--to", appOfOthers.url, ...load]);
  await using third = project.start(["emit", "user.created", "--to", appOfOthers.url, ...load]);
  await Promise.all([second.line(/"delivery"/), third.line(/"delivery"/)]);
  expect(project.readRunFile()?.pid).toBe(first.child.pid);

  first.child.kill("SIGINT");
  const results = [await first.ended];
  // The heir serves once its run file is there; both go on delivering.
  const before = appOfOthers.requests.length;
  while (appOfOthers.requests.length < before + 50) await appOfOthers.next();
  const heir = [second, third].find(({ child }) => child.pid === project.readRunFile()?.pid);
  expect(heir).toBeDefined();

  heir!.child.kill("SIGINT");
  const other = heir === second ? third : second;
  results.push(await heir!.ended);
  const beforeLast = appOfOthers.requests.length;
  while (appOfOthers.requests.length < beforeLast + 20) await appOfOthers.next();
  expect(project.readRunFile()?.pid).toBe(other.child.pid);
  other.child.kill("SIGINT");
  results.push(await other.ended);

  for (const result of results) {
    expect(result.code).toBe(130);
    const [summary] = recordsOf(result, "summary");
    expect(summary).toMatchObject({ failed: 0, delivered: summary!.total });
  }
  expect(project.readRunFile()).toBeUndefined();
});

test("an emit that shares the issuer of a mock delivers itself", async () => {
  using project = await createProject();
  await using app = await startReceiver({ answers: [verifyingAnswer(project.issuer)] });
  await using mock = project.start(["mock"]);
  await mock.line(/^ready/);
  const { code } = await project.run(["emit", "*", "--to", app.url]);
  expect(code).toBe(0);
  expect(app.requests).toHaveLength(27);
  expect(project.readRunFile()?.pid).toBe(mock.child.pid);
});

test("many emits that start together all deliver, however often the issuer passes on", async () => {
  using project = await createProject();
  await using app = await startReceiver({ answers: [verifyingAnswer(project.issuer)] });
  const emits = Array.from({ length: 24 }, () =>
    project.run(["emit", "user.created", "--to", app.url, "--count", "2"]),
  );
  const codes = (await Promise.all(emits)).map(({ code }) => code);
  expect(new Set(codes)).toEqual(new Set([0]));
  expect(app.requests).toHaveLength(48);
}, 120_000);
