import { describe, expect, test } from "vitest";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { claimsOf, hang, verifyingAnswer } from "./app.ts";
import { createProject, onlyDelivery, recordsOf } from "./project.ts";

describe("what the app receives", () => {
  test("is a request that @kinde/webhooks verifies with the local issuer", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [verifyingAnswer(project.issuer)] });
    const { code, stdout, stderr } = await project.run(["emit", "user.created", "--to", app.url]);
    expect(code).toBe(0);
    expect(app.requests).toHaveLength(1);
    const { method, url, headers, body } = app.requests[0]!;
    expect({ method, url }).toEqual({ method: "POST", url: "/api/webhook" });
    expect(headers).toMatchObject({
      "content-type": "application/jwt",
      "webhook-id": expect.stringMatching(/^[0-9a-f]{32}$/),
      "content-length": String(body.length),
    });
    expect(stdout).toMatch(
      /^\d\d:\d\d:\d\d {2}▸ user\.created {2}event_.*\n\d\d:\d\d:\d\d {2}◂ 200 {2}POST \/api\/webhook/,
    );
    expect(stderr).toContain(`${app.url} (--to)`);
  });

  test("is every event type for '*', each once, all verified", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [verifyingAnswer(project.issuer)] });
    const { code, stdout } = await project.run(["emit", "*", "--to", app.url]);
    expect(app.requests).toHaveLength(27);
    expect(new Set(app.requests.map((request) => claimsOf(request).type))).toEqual(new Set(eventTypes));
    expect(stdout).toContain("27 deliveries: 27 delivered, 0 failed");
    expect(code).toBe(0);
  });

  test("is what several words and patterns name", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await project.run([
      "emit",
      "passkey.*",
      "role.created,role.deleted",
      "--to",
      app.url,
      "--concurrency",
      "1",
    ]);
    expect(app.requests.map((request) => claimsOf(request).type)).toEqual([
      "passkey.added",
      "passkey.removed",
      "role.created",
      "role.deleted",
    ]);
  });

  test("goes to the endpoints whose pattern names its type; what nobody wants is told", async () => {
    using project = await createProject();
    await using users = await startReceiver();
    await using roles = await startReceiver();
    const result = await project.run([
      "emit",
      "user.created",
      "role.created",
      "passkey.added",
      "--to",
      `user.*=${users.port}/hooks`,
      "--to",
      `role.*,permission.*=${roles.url}`,
      "--json",
    ]);
    expect(users.requests.map(({ url }) => url)).toEqual(["/hooks"]);
    expect(roles.requests.map((request) => claimsOf(request).type)).toEqual(["role.created"]);
    expect(recordsOf(result, "skipped")).toMatchObject([{ event: { type: "passkey.added" } }]);
    expect(recordsOf(result, "summary")).toMatchObject([{ total: 2, delivered: 2, failed: 0 }]);
  });

  test.each([
    ["--to with a port", (port: number) => `${port}`, "/api/webhook"],
    ["--to with a port and a path", (port: number) => `${port}/hooks?a=1`, "/hooks?a=1"],
    ["--to with host, port and path", (port: number) => `localhost:${port}/x`, "/x"],
    ["--to with a URL, as written", (port: number) => `http://127.0.0.1:${port}/`, "/"],
  ])("is addressed by %s", async (_how, write, url) => {
    using project = await createProject();
    await using app = await startReceiver();
    await project.run(["emit", "user.created", "--to", write(app.port)]);
    expect(app.requests.map((request) => request.url)).toEqual([url]);
  });
});

describe("the user's own values", () => {
  test.each<[string, string[], string | undefined, object]>([
    [
      "--set under data",
      ["--set", "user.email=ada@example.com"],
      undefined,
      { data: { user: { email: "ada@example.com" } } },
    ],
    [
      "--set as JSON where it parses",
      ["--set", "user.phone=null", "--set", "user.is_suspended=true"],
      undefined,
      { data: { user: { phone: null, is_suspended: true } } },
    ],
    ["--set as text in quotes", ["--set", 'user.id="42"'], undefined, { data: { user: { id: "42" } } }],
    [
      "--set with an equals sign in the value",
      ["--set", "user.email=a=b"],
      undefined,
      { data: { user: { email: "a=b" } } },
    ],
    [
      "--set with an index",
      ["--set", "user.organizations[0].code=org_1"],
      undefined,
      { data: { user: { organizations: [{ code: "org_1" }] } } },
    ],
    [
      "--set of a claim",
      ["--set", "timestamp=2024-07-09T02:29:08.242969+10:00"],
      undefined,
      { timestamp: "2024-07-09T02:29:08.242969+10:00" },
    ],
    ["--source", ["--source", "admin"], undefined, { source: "admin" }],
    [
      "--data from a file",
      ["--data", "data.json"],
      undefined,
      { data: { user: { first_name: "Grace", last_name: "Lovelace" } } },
    ],
    [
      "--data from standard input",
      ["--data", "-"],
      '{"user":{"first_name":"Gräce"}}',
      { data: { user: { first_name: "Gräce", last_name: "Lovelace" } } },
    ],
    [
      "--set after --data",
      ["--set", "user.first_name=Joan", "--data", "data.json"],
      undefined,
      { data: { user: { first_name: "Joan" } } },
    ],
  ])("are put in by %s", async (_how, args, input, claims) => {
    using project = await createProject();
    project.write("data.json", '{"user":{"first_name":"Grace"}}');
    await using app = await startReceiver({ answers: [verifyingAnswer(project.issuer)] });
    const { code, stderr } = await project.run(
      ["emit", "user.created", "--to", app.url, ...args],
      input === undefined ? {} : { input },
    );
    expect(stderr).not.toContain("warning");
    expect(code).toBe(0);
    expect(claimsOf(app.requests[0]!)).toMatchObject(claims);
  });

  test("are taken out by --unset", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await project.run([
      "emit",
      "user.created",
      "--to",
      app.url,
      "--unset",
      "user.username",
      "--unset",
      "event_timestamp",
    ]);
    const claims = claimsOf(app.requests[0]!);
    expect(claims).not.toHaveProperty("event_timestamp");
    expect(claims.data["user"]).not.toHaveProperty("username");
    expect(claims.data["user"]).toHaveProperty("email");
  });

  test("are delivered though the sample has no such path, with a warning that names the nearest", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    const result = await project.run([
      "emit",
      "user.created",
      "--to",
      app.url,
      "--set",
      "user.emial=x",
      "--json",
    ]);
    expect(result.code).toBe(0);
    expect(recordsOf(result, "warning")).toMatchObject([
      { code: "WARN_UNKNOWN_PATH", message: expect.stringContaining("user.email") },
    ]);
    expect(claimsOf(app.requests[0]!).data["user"]).toHaveProperty("emial", "x");
  });
});

describe("many deliveries", () => {
  test("have an event_id and a webhook-id of their own each, unless --webhook-id repeats one", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await project.run(["emit", "user.created", "--to", app.url, "--count", "4"]);
    expect(new Set(app.requests.map((request) => claimsOf(request).event_id))).toHaveLength(4);
    expect(new Set(app.requests.map(({ headers }) => headers["webhook-id"]))).toHaveLength(4);

    await project.run(["emit", "user.created", "--to", app.url, "--count", "2", "--webhook-id", "drill"]);
    expect(app.requests.slice(4).map(({ headers }) => headers["webhook-id"])).toEqual(["drill", "drill"]);
  });

  test.each([
    ["ten at once by default", [], 10],
    ["as many at once as --concurrency says", ["--concurrency", "3"], 3],
    ["one after the other with --concurrency 1", ["--concurrency", "1"], 1],
  ])("are sent %s", async (_how, args, limit) => {
    using project = await createProject();
    let held: (() => void)[] = [];
    let most = 0;
    // Answers only once the limit is reached: fewer at once would wait for ever, more would show in `most`.
    const holdUntilFull: Answer = (response) => {
      held.push(() => response.end());
      most = Math.max(most, held.length);
      if (held.length < limit) return;
      for (const release of held) release();
      held = [];
    };
    await using app = await startReceiver({ answers: [holdUntilFull] });
    const { code } = await project.run([
      "emit",
      "user.created",
      "--to",
      app.url,
      "--count",
      String(limit * 2),
      ...args,
    ]);
    expect(code).toBe(0);
    expect(most).toBe(limit);
    expect(app.requests).toHaveLength(limit * 2);
  });

  test("begin no faster than --rate says", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await project.run(["emit", "user.created", "--to", app.url, "--count", "3", "--rate", "10/s"]);
    const times = app.requests.map((request) => Date.parse(claimsOf(request).timestamp));
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(100);
  });

  test("end in a summary, and in exit code 1 when one of them failed", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [200, 500, 200] });
    const { code, stdout } = await project.run(["emit", "user.created", "--to", app.url, "--count", "3"]);
    expect(stdout).toContain("3 deliveries: 2 delivered, 1 failed");
    expect(code).toBe(1);
  });

  test("end in a summary when one event went to two endpoints", async () => {
    using project = await createProject();
    await using first = await startReceiver();
    await using second = await startReceiver();
    const { stdout } = await project.run(["emit", "user.created", "--to", first.url, "--to", second.url]);
    expect(stdout).toContain("2 deliveries: 2 delivered, 0 failed");
    expect(claimsOf(first.requests[0]!).event_id).toBe(claimsOf(second.requests[0]!).event_id);
  });

  test("show the failures of a large run up to a limit, and how many more there were", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [500] });
    const { stdout, stderr } = await project.run(["emit", "user.created", "--to", app.url, "--count", "130"]);
    expect(stdout.match(/◂ 500/g)).toHaveLength(20);
    expect(stderr).toContain("110 more failures are not shown");
  });
});

describe("what counts as delivered", () => {
  test.each([
    [200, [], 0],
    [204, [], 1],
    [204, ["--expect", "204"], 0],
    [200, ["--expect", "204"], 1],
    [500, ["--expect", "500"], 0],
  ])("an answer of %i with %j ends with %i", async (status, args, code) => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [status] });
    const result = await project.run(["emit", "user.created", "--to", app.url, "--json", ...args]);
    expect(result.code).toBe(code);
    expect(onlyDelivery(result).state).toBe(code === 0 ? "delivered" : "failed");
  });

  test("an answer that takes longer than --timeout does not", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [hang] });
    const result = await project.run([
      "emit",
      "user.created",
      "--to",
      app.url,
      "--timeout",
      "50ms",
      "--json",
    ]);
    expect(result.code).toBe(1);
    expect(onlyDelivery(result)).toMatchObject({
      failedReason: "not_delivered",
      attempts: [{ status: null, error: { code: "ERR_TIMEOUT" }, response: null }],
    });
  });
});
