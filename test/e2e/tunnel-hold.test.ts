/** What `tunnel` does when the app is away for a moment, or for longer. */
import { expect, test } from "vitest";
import { requestBytes } from "../attacks/attack.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { openWire } from "../relay/wire.ts";
import { onlyDelivery, recordsOf } from "./project.ts";
import { startSelfSignedApp } from "./self-signed-app.ts";
import { createTunnelProject } from "./tunnel-project.ts";

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
const time = String.raw`\d\d:\d\d:\d\d`;

test("a webhook waits for an app that is not there, which is told of as `app`, and reaches it once", async () => {
  await using project = await createTunnelProject();
  const port = await findFreePort();
  const args = [String(port), "--issuer", project.kinde.issuer, "--hold", "60s"];
  await using tunnel = await project.open(args);
  await tunnel.line(/"record":"app".*"state":"down"/);
  const delivering = project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
  await using app = await startReceiver({ port });
  expect((await delivering).status).toBe(200);
  await tunnel.line(/"record":"app".*"state":"up"/);
  const result = await tunnel.stop();
  expect(app.requests).toHaveLength(1);
  const url = `http://localhost:${port}`;
  const outage = {
    record: "app",
    at: isoTime,
    url,
    cause: `nothing listens at ${url} yet`,
    startedAt: isoTime,
  };
  expect(recordsOf(result, "app")).toEqual([
    { ...outage, state: "down", endedAt: null, downMs: 0 },
    { ...outage, state: "up", endedAt: isoTime, downMs: expect.any(Number) as number },
  ]);
  expect(result.records.findIndex(({ record }) => record === "app")).toBeGreaterThan(
    result.records.findIndex(({ record }) => record === "ready"),
  );
  expect(onlyDelivery(result)).toMatchObject({ state: "delivered", attempts: [{ number: 1, status: 200 }] });
});

test("an app that restarts is told of in lines, and what it did not lose says how long it was held", async () => {
  await using project = await createTunnelProject();
  const port = await findFreePort();
  await using tunnel = await project.show([String(port), "--issuer", project.kinde.issuer, "--hold", "60s"]);
  const down = await tunnel.line(/✕ app down/);
  expect(down).toMatch(
    new RegExp(
      `^${time}  ✕ app down  nothing listens at http://localhost:${port} yet: a webhook waits up to 60 s for it, then Kinde gets 502 and tries again$`,
    ),
  );
  const delivering = project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
  // Its event is told alone once it takes long.
  await tunnel.line(/▸ user\.created/);
  await using _ = await startReceiver({ port });
  expect((await delivering).status).toBe(200);
  expect(await tunnel.line(/◂ 200/)).toMatch(/ ms {2}held \d+(\.\d)? s$/);
  expect(await tunnel.line(/✓ app up again/)).toMatch(
    new RegExp(`^${time}  ✓ app up again  http://localhost:${port}  after \\d+(\\.\\d)? s$`),
  );
});

test("with --hold 0 nothing waits", async () => {
  await using project = await createTunnelProject();
  const port = await findFreePort();
  await using tunnel = await project.show([String(port), "--issuer", project.kinde.issuer, "--hold", "0"]);
  expect(await tunnel.line(/✕ app down/)).toContain("until something does, Kinde gets 502");
  const { status } = await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
  expect(status).toBe(502);
  const { stdout } = await tunnel.stop();
  expect(stdout).toContain("(ERR_CONNECTION_REFUSED)");
  expect(stdout).not.toContain("held");
});

test("twenty webhooks at once wait for an app on https of one's own, and each reaches it once", async () => {
  await using project = await createTunnelProject();
  const port = await findFreePort();
  const args = [`https://localhost:${port}`, "--insecure", "--issuer", project.kinde.issuer, "--hold", "60s"];
  await using tunnel = await project.open(args);
  const ids = Array.from({ length: 20 }, (_, index) => `wh-${index}`);
  const delivering = ids.map((webhookId) =>
    project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"), { webhookId }),
  );
  await tunnel.line(/"record":"app".*"state":"down"/);
  await using app = await startSelfSignedApp(port);
  expect(new Set((await Promise.all(delivering)).map(({ status }) => status))).toEqual(new Set([200]));
  expect(app.count()).toBe(20);
  const result = await tunnel.stop();
  expect(new Set(recordsOf(result, "delivery").map(({ webhookId }) => webhookId))).toEqual(new Set(ids));
});

test("--concurrency 1 brings webhooks one at a time, in the order they came", async () => {
  await using project = await createTunnelProject();
  let atOnce = 0;
  let most = 0;
  await using app = await startReceiver({
    answers: [
      async (response) => {
        most = Math.max(most, ++atOnce);
        await new Promise((resolve) => setTimeout(resolve, 20));
        atOnce--;
        response.end();
      },
    ],
  });
  const args = [String(app.port), "--issuer", project.kinde.issuer, "--concurrency", "1"];
  await using tunnel = await project.open(args);
  const delivering = Array.from({ length: 10 }, () =>
    project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created")),
  );
  expect(new Set((await Promise.all(delivering)).map(({ status }) => status))).toEqual(new Set([200]));
  expect([most, app.requests.length]).toEqual([1, 10]);
});

test("a sender that gave up, which localtunnel does not show, is known by its next attempt: one reaches the app", async () => {
  await using project = await createTunnelProject();
  const port = await findFreePort();
  await using tunnel = await project.show([String(port), "--issuer", project.kinde.issuer, "--hold", "60s"]);
  const token = project.kinde.signWebhook("user.created");
  {
    using sender = await openWire(project.server.port);
    const headers = { host: new URL(tunnel.url).host, "webhook-id": "given-up" };
    await sender.write(requestBytes({ headers, body: token }));
    await tunnel.line(/▸ user\.created/);
  }
  const again = project.kinde.deliver(tunnel.url, token, { webhookId: "given-up" });
  await tunnel.line(/ERR_SENDER_GONE/);
  await using app = await startReceiver({ port });
  expect((await again).status).toBe(200);
  expect(app.requests).toHaveLength(1);
  const { stdout } = await tunnel.stop();
  expect(stdout).toMatch(/▸ user\.created .* attempt 2\n.* ◂ 200 /);
});
