/** What the clients that apps verify with make of attempts 2 and 3, and of those on both sides of a rotated key. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { decodeToken, startMockKinde, type MockKinde } from "../../src/index.ts";
import { isCi } from "../helpers/ci.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { startReceiver, type Receiver } from "../helpers/receiver.ts";
import { isInstalled, type Client, type Verdict } from "./client.ts";
import { clients } from "./clients.ts";

afterEach(() => {
  vi.useRealTimers();
});

describe.each(clients)("$name", (client) => {
  const isMissing = !isInstalled(client) && !isCi;

  test.skipIf(isMissing)("verifies each attempt of a delivery that its app answers 500 twice", async () => {
    await using scene = await openScene(client, [500, 500]);
    const { kinde, verdicts, receiver } = scene;
    await kinde.emit("user.created");
    await kinde.clock.advance("5s");
    expect(kinde.deliveries).toMatchObject([{ state: "pending" }]);
    await kinde.clock.advance("30s");
    const [delivery] = kinde.deliveries;
    expect(delivery).toMatchObject({ state: "delivered" });
    expect(delivery?.attempts.map(({ status }) => status)).toEqual([500, 500, 200]);
    const accepted = { claims: decodeToken(delivery!.token) };
    expect(verdicts).toEqual([accepted, accepted, accepted]);
    const ids = receiver.requests.map(({ headers }) => headers["webhook-id"]);
    expect(ids).toEqual([delivery?.webhookId, delivery?.webhookId, delivery?.webhookId]);
  });

  test.skipIf(isMissing)("verifies a retry of what was signed with the key before", async () => {
    await using scene = await openScene(client, [500]);
    const { kinde, verdicts } = scene;
    await kinde.emit("user.created");
    await kinde.rotateKey(foreignKey);
    await kinde.clock.advance("5s");
    const [delivery] = kinde.deliveries;
    expect(delivery).toMatchObject({
      state: "delivered",
      verification: { kid: signingKey.kid },
      attempts: [{ status: 500 }, { status: 200 }],
    });
    expect(verdicts.at(-1)).toEqual({ claims: decodeToken(delivery!.token) });
  });

  test.skipIf(isMissing)("verifies a retry of what is signed with the new key, as it runs", async () => {
    await using scene = await openScene(client, [200, 500]);
    const { kinde, verdicts } = scene;
    await kinde.emit("user.created");
    await kinde.rotateKey(foreignKey);
    await kinde.emit("user.updated");
    // One that asks for the JWKS no sooner than after 30 s has had that time by then.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 30_000 });
    await kinde.clock.advance("5s");
    const [, delivery] = kinde.deliveries;
    expect(delivery).toMatchObject({
      state: "delivered",
      verification: { kid: foreignKey.kid },
      attempts: [{ status: 500 }, { status: 200 }],
    });
    expect(verdicts.at(-1)).toEqual({ claims: decodeToken(delivery!.token) });
  });
});

interface Scene extends AsyncDisposable {
  readonly kinde: MockKinde;
  readonly receiver: Receiver;
  /** What the app's client said at each attempt. */
  readonly verdicts: readonly Verdict[];
}

/**
 * A mock, and an app that verifies all that comes.
 * @param statuses what it answers to the first; to others 200, or 400 to what does not verify
 */
async function openScene(client: Client, statuses: readonly number[]): Promise<Scene> {
  const verdicts: Verdict[] = [];
  const receiver = await startReceiver({
    answers: [
      async (response, { body }) => {
        const verdict = await verifier.verify(body.toString());
        const status = statuses[verdicts.push(verdict) - 1] ?? ("claims" in verdict ? 200 : 400);
        response.writeHead(status).end();
      },
    ],
  });
  // By a time that stands still, so that nothing is attempted before it is moved.
  const now = Date.UTC(2026, 7, 1);
  const kinde = await startMockKinde({ signingKey, now, webhooks: [{ endpoint: receiver.url }] });
  const verifier = client.open(kinde.issuer);
  return {
    kinde,
    receiver,
    verdicts,
    [Symbol.asyncDispose]: async () => {
      for (const each of [verifier, kinde, receiver]) await each[Symbol.asyncDispose]();
    },
  };
}
