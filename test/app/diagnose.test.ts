/** All checks together: in one order, each bounded in time, and nothing left behind. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { diagnose, type DiagnoseOptions, type Diagnosis } from "../../src/app/diagnose.ts";
import { parseForward } from "../../src/delivery/forward.ts";
import { startFakeLocaltunnelServer } from "../helpers/fake-localtunnel-server.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { startStandInKinde } from "../helpers/stand-in-kinde.mjs";
import { exportPrivateJwk } from "../../src/kinde/signing-key.ts";
import { foreignKey } from "../helpers/keys.ts";
import { createTemporaryProject, writeKeysFile } from "../project/temporary-project.ts";
import { variablesOf } from "./diagnoses/verdicts.ts";

const order = [
  "node",
  "project",
  "settings",
  "keys",
  "localhost",
  "port",
  "issuer",
  "app-issuer",
  "tunnel",
  "app",
  "credentials",
  "clock",
];

async function optionsOf(more: Partial<DiagnoseOptions>): Promise<Omit<DiagnoseOptions, "project" | "host">> {
  const issuerPort = await findFreePort();
  return {
    nodeVersion: process.version,
    home: undefined,
    variable: variablesOf({ KINDE_ISSUER_URL: `http://localhost:${issuerPort}` }),
    settings: [{ verdict: "pass", message: "none", advice: undefined, code: undefined }],
    issuerPort,
    realIssuer: { issuer: null, origin: undefined, ourselves: [] },
    otherWay: undefined,
    forwards: [],
    proxy: undefined,
    signal: new AbortController().signal,
    ...more,
  };
}

async function collect(diagnoses: AsyncIterable<Diagnosis>): Promise<Diagnosis[]> {
  const all: Diagnosis[] = [];
  for await (const diagnosis of diagnoses) all.push(diagnosis);
  return all;
}

describe("the checks", () => {
  test("pass where all is well, in one order, write nothing and send the app nothing", async () => {
    using project = createTemporaryProject();
    await using kinde = await startStandInKinde({ privateJwk: exportPrivateJwk(foreignKey) });
    await using server = await startFakeLocaltunnelServer({ answer: { body: { tunnels: 0 } } });
    await using app = await startReceiver();
    const options = await optionsOf({
      realIssuer: { issuer: kinde.issuer, origin: "--issuer", ourselves: [] },
      forwards: [parseForward(String(app.port), "--forward")],
    });
    const all = await collect(diagnose({ ...options, project, host: new URL(server.url) }));
    expect(all.map((one) => one.case)).toEqual(order);
    const withoutCredentials = all.filter((one) => one.case !== "credentials");
    expect(withoutCredentials.filter(({ verdict }) => verdict !== "pass")).toEqual([]);
    expect(readdirSync(project.root)).toEqual(["package.json"]);
    expect(app.requests).toEqual([]);
    expect(server.registrations).toEqual(["/api/status"]);
    // For the keys and for the time at once.
    expect(kinde.requests).toEqual(["/.well-known/jwks"]);
  });

  test("go on when one of them throws, which is its finding", async () => {
    using project = createTemporaryProject();
    writeKeysFile(project, "{");
    await using server = await startFakeLocaltunnelServer({ answer: { body: { tunnels: 0 } } });
    const all = await collect(diagnose({ ...(await optionsOf({})), project, host: new URL(server.url) }));
    expect(all.map((one) => one.case)).toEqual(expect.arrayContaining(["keys", "credentials", "clock"]));
    expect(all.find((one) => one.case === "keys")).toMatchObject({
      verdict: "fail",
      code: "ERR_KEYS_DAMAGED",
      advice: expect.stringContaining("Restore it, or move it away"),
    });
  });

  test("end in time though nobody answers them", async () => {
    using project = createTemporaryProject();
    await using server = await startFakeLocaltunnelServer({ answer: "never" });
    await using stranger = await startReceiver({ answers: [() => {}] });
    const options = await optionsOf({ issuerPort: stranger.port, limitMs: 200 });
    const all = await collect(diagnose({ ...options, project, host: new URL(server.url) }));
    expect(all.find((one) => one.case === "port")).toMatchObject({ code: "WARN_CHECK_TIMEOUT" });
    expect(all.find((one) => one.case === "tunnel")).toMatchObject({ code: "ERR_TUNNEL_UNREACHABLE" });
  });

  test("tell no more once they are told to stop", async () => {
    using project = createTemporaryProject();
    await using server = await startFakeLocaltunnelServer({ answer: "never" });
    const stop = new AbortController();
    const options = await optionsOf({ signal: stop.signal });
    const told: string[] = [];
    for await (const one of diagnose({ ...options, project, host: new URL(server.url) })) {
      told.push(one.case);
      if (one.case === "app-issuer") stop.abort();
    }
    expect(told.at(-1)).toBe("app-issuer");
  });
});
