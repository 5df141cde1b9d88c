import { strictEqual } from "node:assert";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { requestPublic } from "../helpers/request-public.mjs";
import { check } from "./checks.mjs";

const freeWithinMs = 5_000;
const askEveryMs = 100;
const expectedFiles =
  /^(\.gitignore|keys\.json|state\.json|run|tls|tls\/(ca|server)\.pem|history|history\/[\d.-]+\.ndjson)$/;

/** The tunnel ended as it should, had nothing to complain of from beginning to end, and left nothing behind. */
export async function checkEnding({ code, errors, records }, { ready, project, localtunnel }) {
  check("the tunnel ends with 130 on Ctrl-C", () => {
    strictEqual(code, 130, `it ended with ${code}: ${errors.trim()}`);
    const last = records.at(-1);
    strictEqual(`${last.record} ${last.code} ${last.reason}`, "exit 130 SIGINT");
  });
  check("the tunnel has nothing to warn of, and is never down", () => {
    const others = records.filter(
      ({ record }) => !["ready", "delivery", "refused", "kinde", "exit"].includes(record),
    );
    strictEqual(others.length, 0, others.map((record) => JSON.stringify(record)).join(" "));
  });
  const left = [];
  for (const url of [ready.intake, ready.localIssuer]) {
    for (const host of ["127.0.0.1", "::1"]) {
      const port = Number(new URL(url).port);
      if (await isListening(port, host)) left.push(`a listener at ${host}, port ${port}`);
    }
  }
  if (await isHeld(ready.publicUrl, localtunnel)) left.push(`the name of ${ready.publicUrl}`);
  const files = readdirSync(join(project.directory, ".kinde-devhook"), { recursive: true });
  left.push(...files.filter((path) => !expectedFiles.test(path)));
  check("the tunnel leaves nothing behind", () => strictEqual(left.length, 0, left.join(", ")));
}

async function isListening(port, host) {
  const socket = connect(port, host);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Whether the localtunnel server still has the name; it lets go of it one second after the last connection. */
async function isHeld(publicUrl, localtunnel) {
  const [name] = new URL(publicUrl).hostname.split(".");
  const deadline = performance.now() + freeWithinMs;
  while (performance.now() < deadline) {
    // Not by the public URL itself: who asks there in this second is never answered.
    const { status } = await requestPublic(`${localtunnel.url}/api/tunnels/${name}/status`);
    if (status === 404) return false;
    await wait(askEveryMs);
  }
  return true;
}
