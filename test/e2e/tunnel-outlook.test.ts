/** What `tunnel` says of Kinde: when it tries again, and what it does once the tunnel has ended. */
import { describe, expect, test } from "vitest";
import { startReceiver } from "../helpers/receiver.ts";
import { errorsOf, onlyDelivery, recordsOf } from "./project.ts";
import { createTunnelProject, readHistory } from "./tunnel-project.ts";

const about = String.raw`(in about \d+ s|about ([A-Z][a-z]{2} )?\d\d:\d\d)`;

describe("behind an answer that is not 200", () => {
  test.each([
    ["500", 500, `Kinde tries again in about \\d s \\(attempt 2\\)`],
    [
      "204, of which nobody knows what Kinde makes",
      204,
      `Kinde may try again in about \\d s \\(attempt 2\\)`,
    ],
  ])("stands when Kinde tries again: %s", async (_, status, said) => {
    await using project = await createTunnelProject();
    await using app = await startReceiver({ answers: [status] });
    await using tunnel = await project.show([String(app.port), "--issuer", project.kinde.issuer]);
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    const { stdout } = await tunnel.stop();
    expect(stdout).toMatch(new RegExp(`◂ ${status}  POST /api/webhook  [\\d.,]+ ms  ${said}$`, "m"));
  });

  test("is the attempt that comes after those that met no tunnel, and with --json a member of the record", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver({ answers: [500] });
    await using tunnel = await project.open([String(app.port), "--issuer", project.kinde.issuer]);
    const happenedAt = Date.now() - 5.2 * 3_600_000;
    const timestamp = new Date(happenedAt).toISOString();
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created", { timestamp }));
    const { expected, nextAttemptAt, attempts } = onlyDelivery(await tunnel.stop());
    const endedAt = Date.parse(attempts[0]!.startedAt) + attempts[0]!.durationMs;
    expect(Math.abs(Date.parse(expected!.nextAttemptAt!) - endedAt - 12 * 3_600_000)).toBeLessThan(2);
    expect(Date.parse(expected!.disabledAt!)).toBe(happenedAt + 72 * 3_600_000);
    // That is what we plan, and we plan nothing.
    expect(nextAttemptAt).toBeNull();
    expect(readHistory(project)[0]).not.toHaveProperty("expected");
  });

  test("says how long Kinde puts up with it once it has failed for half a day", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver({ answers: [500] });
    await using tunnel = await project.show([String(app.port), "--issuer", project.kinde.issuer]);
    const timestamp = new Date(Date.now() - 13 * 3_600_000).toISOString();
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created", { timestamp }));
    const { stdout } = await tunnel.stop();
    expect(stdout).toMatch(
      new RegExp(
        `Kinde tries again ${about} \\(attempt 2\\); Kinde disables the webhook about [A-Z][a-z]{2} \\d\\d:\\d\\d$`,
        "m",
      ),
    );
  });

  test("nothing stands where the answer was 200, or this project's own key signed", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver({ answers: [200, 500] });
    await using tunnel = await project.show([String(app.port), "--issuer", project.kinde.issuer]);
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    const emitted = await project.run(["emit", "user.created", "--to", tunnel.url]);
    expect(emitted.code).toBe(1);
    const { stdout } = await tunnel.stop();
    expect(stdout).toContain("◂ 500");
    expect(stdout).not.toMatch(/Kinde (may )?tr/);
  });

  test("nothing stands behind a copy's: Kinde does not hear of it", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver();
    await using copy = await startReceiver({ answers: [500] });
    const forwards = [String(app.port), "-f", String(copy.port)];
    await using tunnel = await project.open([...forwards, "--issuer", project.kinde.issuer]);
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    await tunnel.line(/"status":500/);
    const result = await tunnel.stop();
    const deliveries = recordsOf(result, "delivery");
    expect(deliveries.find(({ state }) => state === "pending")).toMatchObject({ isCopy: true });
    expect(deliveries.find(({ state }) => state === "delivered")).not.toHaveProperty("isCopy");
    for (const delivery of deliveries) expect(delivery).not.toHaveProperty("expected");
    expect(recordsOf(result, "kinde")).toMatchObject([{ isCalled: true, failing: 0, failingSince: null }]);
  });
});

describe("at the end", () => {
  test("the last line says how many events still fail, when the next comes and when the webhook is disabled", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver({ answers: [500] });
    await using tunnel = await project.show([String(app.port), "--issuer", project.kinde.issuer]);
    for (const webhookId of ["a", "b", "b"]) {
      await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"), { webhookId });
    }
    expect(errorsOf(await tunnel.stop())).toMatch(
      new RegExp(
        `^Kinde keeps calling this URL: 2 events still failing, next try ${about}; it disables the webhook ${about}, unless one is delivered before\\.\n$`,
      ),
    );
  });

  test.each([
    [
      "that Kinde's webhooks fail from now on, where all were delivered",
      1,
      "Kinde keeps calling this URL: until",
    ],
    ["the same of a URL that Kinde may not have", 0, "If Kinde has this URL, it keeps calling it: until"],
  ])("it says %s", async (_, count, said) => {
    await using project = await createTunnelProject();
    await using app = await startReceiver();
    await using tunnel = await project.show([String(app.port), "--issuer", project.kinde.issuer]);
    for (let sent = 0; sent < count; sent++) {
      await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    }
    expect(errorsOf(await tunnel.stop())).toBe(
      `${said} the next \`tunnel\` its webhooks fail, and are tried again for about 29 hours.\n`,
    );
  });

  test("with --json it is a record before the last; the next tunnel knows what failed in this one", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver({ answers: [500, 500, 200] });
    const args = [String(app.port), "--issuer", project.kinde.issuer];
    const token = project.kinde.signWebhook("user.created");
    await using tunnel = await project.open(args);
    await project.kinde.deliver(tunnel.url, token, { webhookId: "a" });
    const result = await tunnel.stop();
    const [kinde] = recordsOf(result, "kinde");
    const { origin } = new URL(tunnel.url);
    expect(result.records.at(-2)).toEqual(kinde);
    expect(kinde).toMatchObject({ url: origin, isCalled: true, failing: 1 });
    expect(Date.parse(kinde!.disabledAt!) - Date.parse(kinde!.failingSince!)).toBe(72 * 3_600_000);

    await using second = await project.open(args);
    const [later] = recordsOf(await second.stop(), "kinde");
    expect(later).toMatchObject({ isCalled: true, failing: 1, failingSince: kinde!.failingSince });

    await using third = await project.open(args);
    await project.kinde.deliver(third.url, token, { webhookId: "a" });
    await project.kinde.deliver(third.url, token, { webhookId: "a" });
    expect(recordsOf(await third.stop(), "kinde")).toMatchObject([
      { isCalled: true, failing: 0, nextAttemptAt: null, failingSince: null, disabledAt: null },
    ]);
  });

  test("nothing is said of Kinde where nobody knows whose webhooks are to come", async () => {
    await using project = await createTunnelProject();
    await using tunnel = await project.open();
    expect(recordsOf(await tunnel.stop(), "kinde")).toEqual([]);
  });
});

test("what --event-types leaves out is answered 200, which Kinde counts as a success: nothing disables the webhook", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver({ answers: [500] });
  const args = [String(app.port), "--event-types", "user.*", "--issuer", project.kinde.issuer];
  await using tunnel = await project.open(args);
  await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
  await tunnel.line(/"status":500/);
  await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("role.created"));
  expect(recordsOf(await tunnel.stop(), "kinde")).toMatchObject([
    { isCalled: true, failing: 1, failingSince: null, disabledAt: null },
  ]);
});
