/** A tunnel of the user's own: remembered with its port, and proven before it is. */
import { expect, test } from "vitest";
import { forwardHttp } from "../helpers/forward-http.mjs";
import { findFreePort } from "../helpers/free-port.ts";
import { createTunnelProject, readStateFile } from "./tunnel-project.ts";

const env = { KINDE_DEVHOOK_HOST: undefined };

test("it is there the next day with its port, and ready says where it has to lead", async () => {
  await using project = await createTunnelProject();
  project.write(".kinde-devhook/state.json", JSON.stringify({ host: project.server.url }));
  const intakePort = await findFreePort();
  const own = await forwardHttp(intakePort);
  try {
    const args = ["--public-url", own.url, "--intake-port", String(intakePort)];
    await using first = await project.open(args, { env });
    await first.stop();
    expect(readStateFile(project)).toMatchObject({ tunnel: { publicUrl: own.url, intakePort } });

    await using second = await project.show([], { env });
    expect(second.url).toBe(`${own.url}/api/webhook`);
    const { stdout } = await second.stop();
    expect(stdout).toContain(
      `through ${own.url} (remembered), which leads to http://localhost:${intakePort}`,
    );

    await using third = await project.open(["-s", "devhook-mine"], { env });
    await third.stop();
    expect(third.ready.publicUrl).toBe(`http://devhook-mine.localhost:${project.server.port}`);
    expect(readStateFile(project)).not.toHaveProperty("tunnel");
  } finally {
    await own.close();
  }
});

test("a tunnel that is started anew has another URL, and the port that is remembered", async () => {
  await using project = await createTunnelProject();
  const intakePort = await findFreePort();
  const own = await forwardHttp(intakePort);
  try {
    const tunnel = { publicUrl: "https://yesterday.example", intakePort };
    project.write(".kinde-devhook/state.json", JSON.stringify({ tunnel }));
    await using today = await project.open(["--public-url", own.url], { env });
    expect(today.ready).toMatchObject({ publicUrl: own.url, intake: `http://localhost:${intakePort}` });
    await today.stop();
    expect(readStateFile(project)).toMatchObject({ tunnel: { publicUrl: own.url, intakePort } });
  } finally {
    await own.close();
  }
});

test("one that could not be reached from here may be a slip: it is used and not remembered, which is said", async () => {
  await using project = await createTunnelProject();
  const publicUrl = `http://localhost:${await findFreePort()}`;
  const intakePort = String(await findFreePort());
  const args = ["--public-url", publicUrl, "--intake-port", intakePort];
  await using tunnel = await project.show(args, { env });
  const { stderr } = await tunnel.stop();
  expect(stderr).toMatch(
    new RegExp(
      `Start it again, so that ${publicUrl} leads to http://localhost:${intakePort}.*WARN_PROBE_BLOCKED`,
    ),
  );
  expect(stderr).toContain(`${publicUrl} is not remembered`);
  expect(readStateFile(project)).not.toHaveProperty("tunnel");
});
