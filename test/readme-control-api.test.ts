/** The README's table of the control API is what a mock answers. */
import { expect, test } from "vitest";
import { createMemoryHistory } from "../src/history/memory-history.ts";
import { createControlRoutes } from "../src/issuer/routes/control.ts";
import { startMockKinde } from "../src/testing/start-mock-kinde.ts";
import { readRows } from "./fidelity/markdown.ts";
import { signingKey, signingKeys } from "./helpers/keys.ts";
import { section } from "./helpers/readme.ts";
import { startReceiver } from "./helpers/receiver.ts";
import { ask } from "./issuer/ask.ts";
import { emptyMock, internalRoutes, routesOf } from "./issuer/control-routes.ts";
import { createTickets } from "../src/issuer/tickets.ts";
import { startManagementMock } from "./issuer/routes/management-mock.ts";
import { authorization, controlToken } from "./issuer/test-issuer.ts";

/** A tunnel's and a mock's alone: what those answer is held against their description. */
const ofInspector = new Set(["/session", "/status"]);
const calls = readRows(section("control API")).flatMap(([names = "", does = ""]) =>
  [...names.matchAll(/`(\w+) (\S+)`/g)].map(([, method = "", path = ""]) => ({ method, path, does })),
);

test("it has every route that there is, and no other", () => {
  const control = createControlRoutes({
    project: null,
    keys: signingKeys,
    token: controlToken,
    history: createMemoryHistory(),
    tickets: createTickets(),
    status: () => ({}),
    replay: () => Promise.reject(new Error("not asked for")),
    mock: emptyMock,
    handOver: () => {},
    untilClosing: () => {},
  });
  const listed = calls.map(({ method, path }) => `${method} ${path.replace("{id}", ":id")}`);
  expect([...listed, ...internalRoutes].sort()).toEqual(routesOf(control).sort());
});

test("each of its calls does what it is asked, with the body that stands beside it", async () => {
  await using receiver = await startReceiver();
  const webhook = { url: new URL(receiver.url), eventTypes: ["user.created"] } as const;
  const history = createMemoryHistory();
  await using kinde = await startManagementMock({
    control: { token: controlToken, history },
    webhooks: [webhook],
    onChange: (delivery) => {
      if (delivery.state !== "pending") void history.append(delivery);
    },
  });
  const { port, webhooks } = kinde.mock;
  await kinde.mock.emit({ type: "user.created" });
  const [delivery] = await history.list({ limit: 1 });
  const ids: Readonly<Record<string, string | undefined>> = {
    deliveries: delivery?.id,
    webhooks: webhooks[0]?.id,
  };
  expect(calls.length).toBeGreaterThan(10);
  for (const { method, path, does } of calls) {
    if (ofInspector.has(path)) continue;
    const own = path.replace("{id}", () => ids[path.split("/")[1]!]!);
    const bodies = method === "GET" ? [undefined] : bodiesIn(path, does);
    for (const body of bodies) {
      const { status } = await ask(port, `/_devhook/api${own}`, {
        method,
        headers: { authorization, ...(body !== undefined && { "content-type": "application/json" }) },
        ...(body !== undefined && { body }),
      });
      expect([method, path, body, status]).toEqual([method, path, body, 200]);
    }
  }
});

test("health alone needs no token, as it says", async () => {
  await using kinde = await startManagementMock({
    control: { token: controlToken, history: createMemoryHistory() },
  });
  for (const { method, path, does } of calls) {
    if (path === "/session") continue;
    const { status } = await ask(kinde.mock.port, `/_devhook/api${path}`, { method });
    expect([path, status]).toEqual([path, does.includes("needs no token") ? 200 : 401]);
  }
});

test("its emit takes what the library's does, but for what a call can't carry", async () => {
  await using kinde = await startMockKinde({ signingKey });
  const unknown = { "no such option": 1 } as object;
  const error = (await kinde.emit("user.created", unknown).catch((reason: unknown) => reason)) as {
    readonly expected: string;
  };
  const { does = "" } = calls.find(({ path }) => path === "/emit") ?? {};
  const named = [...does.matchAll(/`(\w+)`/g)].map(([, name]) => name!);
  const local = ["signal", "onWarning"];
  expect(new Set([...named, ...local])).toEqual(new Set(["emit", ...error.expected.split(", ")]));
});

/** The bodies in a description, where they are whole: `{"type"}` names a member alone. */
function bodiesIn(path: string, does: string): readonly (string | undefined)[] {
  if (path === "/emit") return [JSON.stringify({ type: "user.created" })];
  const bodies = [...does.matchAll(/`(\{.*?\})`/g)].map(([, body]) => body!.replace(/,"kid"\}/, "}"));
  return bodies.length === 0 ? [undefined] : bodies;
}
