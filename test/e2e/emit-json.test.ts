import { expect, test } from "vitest";
import { startReceiver } from "../helpers/receiver.ts";
import { reply } from "./app.ts";
import { createProject, onlyDelivery, recordsOf } from "./project.ts";

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

test("a run prints its delivery, its summary and its exit, one JSON object a line, and nothing else on stdout", async () => {
  using project = await createProject();
  await using app = await startReceiver();
  const result = await project.run(["emit", "user.created", "--to", app.url, "--json"]);
  const lines = result.stdout.split("\n");
  expect(lines.pop()).toBe("");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(result.records);
  expect(result.records.map(({ record }) => record)).toEqual(["delivery", "summary", "exit"]);
  for (const { at } of result.records) expect(at).toMatch(iso);
  expect(result.stderr).toContain(app.url);
  expect(recordsOf(result, "exit")).toMatchObject([{ code: 0, reason: "done" }]);
});

test("a delivery has the fields of the contract, and no token", async () => {
  using project = await createProject();
  await using app = await startReceiver({
    answers: [reply(200, "thanks", { "set-cookie": "session=secret" })],
  });
  const result = await project.run(["emit", "user.created", "--to", app.url, "--json"]);
  const webhookId = app.requests[0]!.headers["webhook-id"];
  expect(onlyDelivery(result)).toEqual({
    record: "delivery",
    at: expect.stringMatching(iso),
    id: expect.stringMatching(/^dlv_[0-9a-f]{32}$/),
    direction: "emitted",
    webhookId,
    endpoint: app.url,
    event: {
      type: "user.created",
      id: expect.stringMatching(/^event_[0-9a-f]{32}$/),
      source: "api",
      timestamp: expect.stringMatching(iso),
    },
    verification: { status: "verified", kid: expect.any(String), issuer: project.issuer },
    state: "delivered",
    nextAttemptAt: null,
    failedReason: null,
    createdAt: expect.stringMatching(iso),
    attempts: [
      {
        number: 1,
        startedAt: expect.stringMatching(iso),
        durationMs: expect.any(Number),
        plannedDelayMs: 0,
        status: 200,
        error: null,
        request: {
          method: "POST",
          url: app.url,
          headers: expect.objectContaining({ "content-type": "application/jwt", "webhook-id": webhookId }),
        },
        response: {
          headers: expect.objectContaining({ "set-cookie": "[redacted]" }),
          body: "thanks",
          truncated: false,
        },
      },
    ],
  });
  expect(result.stdout).not.toContain(app.requests[0]!.body.toString());
});

test("--json-token adds the token that was sent", async () => {
  using project = await createProject();
  await using app = await startReceiver();
  const result = await project.run(["emit", "user.created", "--to", app.url, "--json", "--json-token"]);
  expect(onlyDelivery(result).token).toBe(app.requests[0]!.body.toString());
});

test("an answer's body is cut at 1 KiB, between characters", async () => {
  using project = await createProject();
  // 1 + 3 n bytes: the 1024th is in the middle of a character.
  await using app = await startReceiver({ answers: [reply(200, `a${"€".repeat(1000)}`)] });
  const result = await project.run(["emit", "user.created", "--to", app.url, "--json"]);
  expect(onlyDelivery(result).attempts[0]!.response).toMatchObject({
    body: `a${"€".repeat(341)}`,
    truncated: true,
  });
});

test("a summary counts deliveries and their times", async () => {
  using project = await createProject();
  await using app = await startReceiver({ answers: [200, 500, 200] });
  const result = await project.run(["emit", "user.created", "--to", app.url, "--count", "3", "--json"]);
  expect(recordsOf(result, "summary")).toEqual([
    {
      record: "summary",
      at: expect.stringMatching(iso),
      total: 3,
      delivered: 2,
      failed: 1,
      perSecond: expect.any(Number),
      p50Ms: expect.any(Number),
      p99Ms: expect.any(Number),
    },
  ]);
  expect(recordsOf(result, "exit")).toMatchObject([{ code: 1, reason: "not_delivered" }]);
});

test("a failed delivery carries the hint that people get", async () => {
  using project = await createProject();
  await using app = await startReceiver({ answers: [401] });
  const result = await project.run(["emit", "user.created", "--to", app.url, "--json"]);
  expect(onlyDelivery(result)).toMatchObject({
    state: "failed",
    failedReason: "not_delivered",
    hint: expect.stringContaining(`KINDE_ISSUER_URL=${project.issuer}`),
  });
});

test.each([
  ["the parser's", ["emit", "user.created", "--cuont", "2", "--json"], "ERR_UNKNOWN_FLAG"],
  ["a command's", ["emit", "user.crated", "--json"], "ERR_UNKNOWN_EVENT_TYPE"],
  ["an unknown command's", ["emti", "--json"], "ERR_UNKNOWN_COMMAND"],
])("%s error is an exit record on stdout and a line on stderr", async (_whose, args, code) => {
  using project = await createProject();
  const result = await project.run(args);
  expect(result.code).toBe(2);
  expect(result.records).toEqual([
    { record: "exit", at: expect.stringMatching(iso), code: 2, reason: code, message: expect.any(String) },
  ]);
  expect(result.stderr).toContain(code);
});
