import { expect, test } from "vitest";
import { startCommandMock, type CommandMock, type CommandMockOptions } from "../../src/app/command-mock.ts";
import { systemClock } from "../../src/delivery/clock.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { createSigningKeys } from "../../src/kinde/signing-keys.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { ask } from "../issuer/ask.ts";

test("the command is told where the mock is, and how it gets in", async () => {
  await using started = await startMock();
  const { port, issuer } = started.mock;
  expect(started.environment).toEqual({
    KINDE_ISSUER_URL: issuer,
    KINDE_DOMAIN: `localhost:${port}`,
    KINDE_MANAGEMENT_CLIENT_ID: expect.stringMatching(/^[\da-f]{32}$/) as string,
    KINDE_MANAGEMENT_CLIENT_SECRET: expect.stringMatching(/^[\w-]{43}$/) as string,
    KINDE_DEVHOOK_URL: `http://localhost:${port}`,
    KINDE_DEVHOOK_TOKEN: expect.stringMatching(/^[\w-]{43}$/) as string,
  });
});

test("no two mocks share a client or a token", async () => {
  await using one = await startMock();
  await using other = await startMock();
  for (const name of [
    "KINDE_MANAGEMENT_CLIENT_ID",
    "KINDE_MANAGEMENT_CLIENT_SECRET",
    "KINDE_DEVHOOK_TOKEN",
  ]) {
    expect(one.environment[name]).not.toBe(other.environment[name]);
  }
});

test("any client gets a token, unless one is named: then it alone, and the command is told it", async () => {
  await using open = await startMock();
  expect(await tokenStatus(open, "any", "client")).toBe(200);
  await using pinned = await startMock({ client: { id: "my-app", secret: "my-secret" } });
  const { KINDE_MANAGEMENT_CLIENT_ID: id, KINDE_MANAGEMENT_CLIENT_SECRET: secret } = pinned.environment;
  expect([id, secret]).toEqual(["my-app", "my-secret"]);
  expect(await tokenStatus(pinned, "my-app", "my-secret")).toBe(200);
  expect(await tokenStatus(pinned, "any", "client")).toBe(401);
});

test("its deliveries can be asked for with the token, and an event while it is handled", async () => {
  const seen: unknown[] = [];
  await using receiver = await startReceiver({
    answers: [
      async (response) => {
        seen.push(await listed());
        response.end();
      },
    ],
  });
  await using started = await startMock();
  const listed = async (): Promise<unknown> => {
    const authorization = `Bearer ${started.environment["KINDE_DEVHOOK_TOKEN"]}`;
    const { json } = await ask(started.mock.port, "/_devhook/api/deliveries", { headers: { authorization } });
    return (json as { deliveries: readonly Delivery[] }).deliveries.map(({ id, state }) => ({ id, state }));
  };
  const { deliveries } = await started.mock.emit({ type: "user.created", to: receiver.url });
  const [delivery] = deliveries;
  expect(seen).toEqual([[{ id: delivery?.id, state: "pending" }]]);
  expect(await listed()).toEqual([{ id: delivery?.id, state: "delivered" }]);
});

async function startMock(options: Partial<CommandMockOptions> = {}): Promise<CommandMock & AsyncDisposable> {
  const started = await startCommandMock({
    signingKeys: createSigningKeys(signingKey),
    clock: systemClock,
    webhooks: [],
    timeoutMs: 20_000,
    client: undefined,
    port: 0,
    onChange: () => {},
    ...options,
  });
  return { ...started, [Symbol.asyncDispose]: () => started.mock.close(0) };
}

async function tokenStatus({ mock }: CommandMock, id: string, secret: string): Promise<number | undefined> {
  const { status } = await ask(mock.port, "/oauth2/token", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: `grant_type=client_credentials&client_id=${id}&client_secret=${secret}`,
  });
  return status;
}
