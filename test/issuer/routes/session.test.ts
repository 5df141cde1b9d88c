import { describe, expect, test } from "vitest";
import { createTickets } from "../../../src/issuer/tickets.ts";
import { ask, errorCode, type Answered } from "../ask.ts";
import { controlToken, startTestIssuer } from "../test-issuer.ts";

async function open(
  port: number,
  body: unknown,
  headers: Record<string, string | undefined> = {},
): Promise<Answered> {
  const host = `localhost:${port}`;
  const all = { host, origin: `http://${host}`, "content-type": "application/json", ...headers };
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  return await ask(port, "/_devhook/api/session", {
    method: "POST",
    headers: Object.fromEntries(given),
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

test("gives the page of this issuer the control token for a ticket, once", async () => {
  const tickets = createTickets();
  await using issuer = await startTestIssuer({ tickets });
  const ticket = tickets.create();
  const first = await open(issuer.port, { ticket });
  expect([first.status, first.json]).toEqual([200, { token: controlToken }]);
  expect(first.headers["cache-control"]).toBe("no-store");
  const second = await open(issuer.port, { ticket });
  expect([second.status, errorCode(second)]).toEqual([401, "ERR_TICKET"]);
  // What to do.
  expect(second.body).toMatch(/press o in the terminal/);
});

test("a ticket of another start is told so", async () => {
  await using issuer = await startTestIssuer({ tickets: createTickets() });
  const answered = await open(issuer.port, { ticket: createTickets().create() });
  expect([answered.status, errorCode(answered)]).toEqual([401, "ERR_TICKET"]);
});

describe("whoever is no page of this issuer gets nothing, and uses no ticket up", () => {
  test.each<[string, (port: number) => Record<string, string | undefined>, string]>([
    ["a program, which tells no origin", () => ({ origin: undefined }), "ERR_FOREIGN_ORIGIN"],
    ["a page elsewhere", () => ({ origin: "https://evil.example" }), "ERR_FOREIGN_ORIGIN"],
    ["a page in a sandbox", () => ({ origin: "null" }), "ERR_FOREIGN_ORIGIN"],
    ["a page of another port", () => ({ origin: "http://localhost:3000" }), "ERR_FOREIGN_ORIGIN"],
    ["a page of another name", (port) => ({ origin: `http://127.0.0.1:${port}` }), "ERR_FOREIGN_ORIGIN"],
    [
      "a page that has bound its name to this machine",
      () => ({ host: "evil.example", origin: "http://evil.example" }),
      "ERR_FOREIGN_HOST",
    ],
  ])("%s: 403", async (_, headersFor, code) => {
    const tickets = createTickets();
    await using issuer = await startTestIssuer({ tickets });
    const ticket = tickets.create();
    const answered = await open(issuer.port, { ticket }, headersFor(issuer.port));
    expect([answered.status, errorCode(answered)]).toEqual([403, code]);
    expect(answered.body).not.toContain(controlToken);
    expect((await open(issuer.port, { ticket })).status).toBe(200);
  });
});

test.each<[string, unknown, number, string]>([
  ["no ticket", {}, 401, "ERR_TICKET"],
  ["one that is no text", { ticket: 7 }, 400, "ERR_INVALID_OPTION"],
  ["a list", [], 400, "ERR_INVALID_OPTION"],
  ["malformed JSON", "{", 400, "ERR_INVALID_BODY"],
  ["more than a ticket can be", { ticket: "x".repeat(2_000) }, 413, "ERR_INVALID_BODY"],
])("refuses a body with %s", async (_, body, status, code) => {
  await using issuer = await startTestIssuer({ tickets: createTickets() });
  const answered = await open(issuer.port, body);
  expect([answered.status, errorCode(answered)]).toEqual([status, code]);
});

test("can't be had where there is no page: without the token there is no such route", async () => {
  await using issuer = await startTestIssuer();
  expect((await open(issuer.port, { ticket: "x" })).status).toBe(401);
});
