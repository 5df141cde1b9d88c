import { describe, expect, test } from "vitest";
import { checkApps } from "../../../src/app/diagnoses/apps.ts";
import { parseForward } from "../../../src/delivery/forward.ts";
import { findFreePort } from "../../helpers/free-port.ts";
import { startReceiver } from "../../helpers/receiver.ts";
import { hasIpv6Loopback } from "../../net/has-ipv6.ts";

async function check(...texts: string[]): ReturnType<typeof checkApps> {
  return await checkApps(
    texts.map((text) => parseForward(text, "--forward")),
    4455,
  );
}

describe("an app", () => {
  test("passes when it listens, and gets no request", async () => {
    await using app = await startReceiver();
    expect(await check(`${app.port}/api/webhook`)).toMatchObject([{ verdict: "pass" }]);
    expect(app.requests).toEqual([]);
  });

  test.skipIf(!hasIpv6Loopback)("passes on ::1 alone, and that is said", async () => {
    await using app = await startReceiver({ host: "::1" });
    expect(await check(String(app.port))).toMatchObject([
      { verdict: "pass", message: `http://localhost:${app.port} listens, on [::1] alone` },
    ]);
  });

  test("that does not listen is to look at", async () => {
    const port = await findFreePort();
    expect(await check(String(port))).toMatchObject([
      { verdict: "warn", code: "WARN_APP_ABSENT", message: `nothing listens at http://localhost:${port}` },
    ]);
  });

  test("that is this tool's own issuer must be fixed", async () => {
    expect(await check("4455/api/webhook")).toMatchObject([{ verdict: "fail", code: "ERR_INVALID_OPTION" }]);
  });
});

test("of several forwards each host and port is told once", async () => {
  await using app = await startReceiver();
  const absent = await findFreePort();
  const findings = await check(`user.*=${app.port}/a`, `${app.port}/b`, `127.0.0.1:${absent}/c`);
  expect(findings.map(({ verdict }) => verdict)).toEqual(["pass", "warn"]);
});
