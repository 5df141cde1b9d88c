/** The description of the control API, held against the routes that there are and what they answer. */
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Router } from "express";
import { describe, expect, test } from "vitest";
import { startMock } from "../../src/app/start-mock.ts";
import { systemClock } from "../../src/delivery/clock.ts";
import { createScheduleClock } from "../../src/delivery/schedule-clock.ts";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import openapi from "../../src/issuer/openapi.json" with { type: "json" };
import { createControlRoutes } from "../../src/issuer/routes/control.ts";
import { createTickets } from "../../src/issuer/tickets.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { createSigningKeys } from "../../src/kinde/signing-keys.ts";
import { readRunFile } from "../../src/project/run-file.ts";
import { openPendingOf } from "../history/pending-of.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { signingKey, signingKeys } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { createTemporaryProject } from "../project/temporary-project.ts";
import { ask } from "./ask.ts";
import { emptyMock, internalRoutes, routesOf } from "./control-routes.ts";
import { controlToken, startTestIssuer } from "./test-issuer.ts";

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
  }[];
  readonly requestBody?: { readonly content: Json };
  readonly responses: Readonly<Record<string, { readonly $ref?: string; readonly content?: Json }>>;
}
interface Json {
  readonly "application/json": { readonly schema: object };
}
const paths = openapi.paths as unknown as Readonly<Record<string, Readonly<Record<string, Operation>>>>;
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

const ajv = new Ajv2020({
  strict: false,
  formats: { "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, uri: true },
});
ajv.addSchema(openapi, "openapi.json");

/** The schema with its references led to the whole. */
function compile(schema: object) {
  return ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi.json#/')) as object);
}

describe("the description", () => {
  test("is served without a token, with the version that answers", async () => {
    await using issuer = await startTestIssuer();
    const { status, json } = await ask(issuer.port, "/_devhook/openapi.json");
    expect([status, json]).toEqual([
      200,
      { ...openapi, info: { ...openapi.info, version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string } },
    ]);
  });

  test("is refused to pages of other origins, as all is under /_devhook", async () => {
    await using issuer = await startTestIssuer();
    const headers = { origin: "https://evil.example" };
    expect((await ask(issuer.port, "/_devhook/openapi.json", { headers })).status).toBe(403);
  });

  test("is of OpenAPI 3.1: each operation has a name of its own, its path's parameters and its answers", () => {
    expect(openapi.openapi).toMatch(/^3\.1\.\d$/);
    const names = operations.map(({ operation }) => operation.operationId);
    expect(new Set(names)).toHaveLength(names.length);
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter(
        (each) => each.in === "path" && each.required === true,
      );
      expect(declared.map(({ name }) => name)).toEqual(inPath);
      expect(Object.keys(operation.responses)).toContain("200");
      expect(operation.summary).toMatch(/^[A-Z].*\.$/);
    }
  });

  test("refers to nothing that it has not, and has nothing that it does not refer to", () => {
    const references = [...JSON.stringify(openapi).matchAll(/"#\/components\/(\w+)\/(\w+)"/g)].map(
      ([, kind, name]) => `${kind} ${name}`,
    );
    const { schemas, responses } = openapi.components;
    const there = [
      ...Object.keys(schemas).map((name) => `schemas ${name}`),
      ...Object.keys(responses).map((name) => `responses ${name}`),
    ];
    expect([...new Set(references)].sort()).toEqual(there.sort());
  });

  test("has schemas that are such", () => {
    const ofBodies = operations.flatMap(({ operation }) =>
      [operation.requestBody?.content, operation.responses["200"]?.content].flatMap(
        (content) => content?.["application/json"].schema ?? [],
      ),
    );
    const schemas = [...Object.values(openapi.components.schemas), ...ofBodies];
    expect(() => schemas.map(compile)).not.toThrow();
  });
});

test("every route that there is stands in it, and no other", () => {
  const control: Router = createControlRoutes({
    project: null,
    keys: signingKeys,
    token: controlToken,
    tickets: createTickets(),
    status: () => ({}),
    replay: () => Promise.reject(new Error("not asked for")),
    history: createMemoryHistory(),
    mock: emptyMock,
    handOver: () => {},
    untilClosing: () => {},
  });
  const described = operations.map(({ method, path }) => `${method} ${path.replace("{id}", ":id")}`);
  expect([...described, ...internalRoutes].sort()).toEqual(routesOf(control).sort());
});

test("what needs no token is open without one, and the rest is 401, as it says", async () => {
  await using issuer = await startTestIssuer({ tickets: createTickets() });
  const host = `localhost:${issuer.port}`;
  const headers = { host, origin: `http://${host}`, "content-type": "application/json" };
  for (const { method, path, operation } of operations) {
    const answered = await ask(issuer.port, `/_devhook/api${path}`, {
      method,
      headers,
      ...(method === "POST" && { body: "[]" }),
    });
    const isOpen = operation.security?.length === 0;
    expect([path, answered.status]).toEqual([path, isOpen ? (method === "GET" ? 200 : 400) : 401]);
  }
});

test("each call is answered as it says, what is wrong too", async () => {
  using project = createTemporaryProject();
  await using receiver = await startReceiver({ answers: [200, 200, 500] });
  const issuerPort = await findFreePort();
  const history = createMemoryHistory();
  const pending = openPendingOf(project);
  const mock = await startMock({
    project,
    signingKeys: createSigningKeys(signingKey),
    history,
    pending,
    clock: systemClock,
    time: createScheduleClock(systemClock),
    issuerPort,
    webhooks: [{ url: new URL(receiver.url), eventTypes }],
    timeoutMs: 20_000,
    hasInspector: true,
    onChange: (delivery) => void history.append(delivery),
  });
  try {
    const { token } = readRunFile(project, issuerPort)!;
    const [webhook] = mock.webhooks;
    const ticket = new URL(mock.inspectorUrl!()).hash.slice("#t=".length);
    const calls: readonly (readonly [method: string, path: string, body: unknown, status: number])[] = [
      ["GET", "/health", undefined, 200],
      ["POST", "/session", { ticket }, 200],
      ["POST", "/session", { ticket }, 401],
      ["POST", "/emit", { type: "user.created" }, 200],
      ["POST", "/emit", { type: "user.created", fault: "bad-signature" }, 200],
      ["POST", "/emit", { type: "user.create" }, 400],
      ["GET", "/deliveries", undefined, 200],
      ["GET", "/deliveries?limit=0", undefined, 400],
      ["POST", "/deliveries/last/replay", { set: { "user.email": "ada@example.com" } }, 200],
      ["GET", "/deliveries/last", undefined, 200],
      ["GET", "/deliveries/dlv_", undefined, 409],
      ["GET", "/deliveries/nothing", undefined, 404],
      ["GET", "/event-types", undefined, 200],
      ["GET", "/status", undefined, 200],
      ["GET", "/webhooks", undefined, 200],
      ["POST", `/webhooks/${webhook?.id}/disable`, undefined, 200],
      ["POST", `/webhooks/${webhook?.id}/enable`, undefined, 200],
      ["POST", "/webhooks/nothing/enable", undefined, 404],
      ["GET", "/clock", undefined, 200],
      ["POST", "/clock", { advance: "1s" }, 200],
      ["POST", "/clock", { advance: "-1s" }, 400],
      ["GET", "/keys", undefined, 200],
      ["POST", "/keys", { action: "rotate" }, 200],
      ["POST", "/keys", { action: "retire" }, 200],
      ["POST", "/rate-limit", { calls: 1, resetSeconds: 1 }, 200],
      ["POST", "/reset", undefined, 200],
    ];
    const tried = new Set<string>();
    for (const [method, path, body, status] of calls) {
      const host = `localhost:${issuerPort}`;
      const answered = await ask(issuerPort, `/_devhook/api${path}`, {
        method,
        headers: {
          host,
          origin: `http://${host}`,
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const found = operations.find((each) => each.method === method && matches(each.path, path))!;
      tried.add(found.operation.operationId);
      const described = found.operation.responses[status]!;
      const name = described.$ref?.split("/").at(-1) as keyof typeof openapi.components.responses | undefined;
      const { content } = name === undefined ? described : openapi.components.responses[name];
      const validate = compile(content!["application/json"].schema);
      expect([method, path, answered.status, validate(answered.json), validate.errors]).toEqual([
        method,
        path,
        status,
        true,
        null,
      ]);
      const asked = found.operation.requestBody?.content["application/json"].schema;
      const isDescribed = asked === undefined || body === undefined || compile(asked)(body);
      expect([path, body, isDescribed || status === 400]).toEqual([path, body, true]);
    }
    expect([...tried].sort()).toEqual(operations.map(({ operation }) => operation.operationId).sort());
  } finally {
    await mock.close(0);
    pending.close();
  }
});

function matches(described: string, path: string): boolean {
  return new RegExp(`^${described.replace("{id}", "[^/]+")}$`).test(path.split("?", 1)[0]!);
}
