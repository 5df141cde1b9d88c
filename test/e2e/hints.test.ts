/** What a command says of an app whose variable names another issuer, and of one that is right. */
import { expect, test } from "vitest";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { createProject, onlyDelivery } from "./project.ts";
import { createTunnelProject } from "./tunnel-project.ts";

test("emit names a KINDE_ISSUER_URL of another port as the cause of a 400, and how to serve that port", async () => {
  using project = await createProject();
  await using app = await startReceiver({ answers: [400] });
  const port = await findFreePort();
  project.write(".env", `KINDE_ISSUER_URL=http://localhost:${port}\n`);
  const { hint } = onlyDelivery(await project.run(["emit", "user.created", "--to", app.url, "--json"]));
  expect(hint).toContain(
    `KINDE_ISSUER_URL (.env) is http://localhost:${port}, and this project's own key signed`,
  );
  expect(hint).toContain(`--issuer-port ${port}`);
});

test("emit names a KINDE_ISSUER_URL that is Kinde's own", async () => {
  using project = await createProject();
  await using app = await startReceiver({ answers: [401] });
  const args = ["emit", "user.created", "--to", app.url, "--json"];
  // Nobody is there: what is emitted needs none of its keys.
  const kinde = `http://localhost:${await findFreePort()}`;
  const { hint } = onlyDelivery(await project.run(args, { env: { KINDE_ISSUER_URL: kinde } }));
  expect(hint).toContain(`KINDE_ISSUER_URL is ${kinde}, and this project's own key signed the event`);
  expect(hint).toContain(`Set KINDE_ISSUER_URL=${project.issuer}`);
});

test.each([
  ["tunnel", []],
  ["tunnel --shield", ["--shield"]],
])(
  "%s does not blame a KINDE_ISSUER_URL that is Kinde's own for what Kinde signed, but for what is emitted",
  async (_, flags) => {
    await using project = await createTunnelProject();
    await using app = await startReceiver({ answers: [400] });
    project.write(".env", `KINDE_ISSUER_URL=${project.kinde.issuer}\n`);
    await using tunnel = await project.show([String(app.port), ...flags]);
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    await tunnel.line(/◂ 400 /);
    await project.run(["emit", "user.created", "--to", tunnel.url]);
    await tunnel.line(/this project's own key signed/);
    const { stdout } = await tunnel.stop();
    const [relayed, emitted] = stdout.split("\n").filter((line) => /^ {12}\S/.test(line));
    expect(relayed).toContain(`give KINDE_ISSUER_URL (.env), ${project.kinde.issuer}, to the verification`);
    expect(emitted).toContain(
      `KINDE_ISSUER_URL (.env) is ${project.kinde.issuer}, and this project's own key signed`,
    );
  },
);
