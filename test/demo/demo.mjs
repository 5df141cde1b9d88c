// `npm run demo`: every event type, signed offline and verified by an app that uses Kinde's own package;
// and a forged webhook, refused. Exits 0 only if all of it held.
import { deepStrictEqual, strictEqual } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { cliPath, createProject, findFreePort, startNode, stopAll } from "../helpers/processes.mjs";
import { formatTable } from "../helpers/table.mjs";
import { forge, readClaims, readHeader } from "./token.mjs";

const limitMs = 20_000;
const appPath = fileURLToPath(new URL("app.mjs", import.meta.url));
const fixturesDirectory = new URL("../../fixtures/events/", import.meta.url);
const startedAt = performance.now();
const project = createProject();
const failures = [];

const interrupted = new Promise((resolve) => {
  process.once("SIGINT", () => resolve({ code: 130, why: "interrupted" }));
  process.once("SIGTERM", () => resolve({ code: 143, why: "interrupted" }));
  setTimeout(() => resolve({ code: 1, why: `not done within ${limitMs / 1000} s` }), limitMs).unref();
});
const { code, why } = await Promise.race([
  runDemo().then(
    () => ({ code: failures.length === 0 ? 0 : 1 }),
    (error) => ({ code: 1, why: error.message }),
  ),
  interrupted,
]);
await stopAll();
project.remove();
if (why !== undefined) failures.push(why);

for (const failure of failures) console.log(`FAILED  ${failure}`);
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
console.log(
  failures.length === 0
    ? `PASSED  every event was verified and accepted, the forged one was refused (${seconds} s)`
    : `FAILED  after ${seconds} s`,
);
process.exit(code);

async function runDemo() {
  const fixtures = readdirSync(fixturesDirectory).map((file) =>
    JSON.parse(readFileSync(new URL(file, fixturesDirectory), "utf8")),
  );
  const issuerPort = await findFreePort();
  const issuer = `http://localhost:${issuerPort}`;

  say(
    "1  A sample Express app starts. Its handler is the one of Kinde's docs, with @kinde/webhooks as published;",
    `   all it knows of us is KINDE_ISSUER_URL=${issuer}. Nothing leaves this machine.`,
  );
  const app = startNode([appPath], {
    cwd: project.directory,
    env: { ...project.environment, KINDE_ISSUER_URL: issuer, PORT: "0" },
  });
  const origin = (await app.line(/^listening on /)).replace("listening on ", "");
  const endpoint = `${origin}/api/webhook`;

  say(
    `2  kinde-devhook emit '*' --to ${endpoint} --issuer-port ${issuerPort}`,
    "   Every event type is signed with this project's new key, which is served while they are delivered.",
  );
  const deliveries = await emitAll(endpoint, issuerPort);
  const accepted = await acceptedBy(origin);
  const rows = fixtures.map((fixture) => checkDelivery(fixture, deliveries, accepted));
  check("every event type arrives once, and nothing else", () => {
    const counts = [deliveries.length, accepted.length];
    deepStrictEqual(counts, [fixtures.length, fixtures.length], `sent and accepted: ${counts.join(" and ")}`);
  });

  say(
    `3  kinde-devhook mock --issuer-port ${issuerPort}`,
    "   The key is served on, so that a refusal is about the signature. By hand, the app is sent",
  );
  const mock = startNode([cliPath, "mock", "--json", "--issuer-port", String(issuerPort)], {
    cwd: project.directory,
    env: project.environment,
  });
  await mock.line(/"record":"ready"/);
  const { token } = deliveries.find(({ event }) => event.type === "user.created");
  rows.push(await checkForgery(token, origin, endpoint));
  await mock.stop();
  await app.stop();

  const columns = ["event type", "confidence", "status", "ms", "verified by"];
  say(
    "",
    ...formatTable(columns, rows, ["ms"]),
    "",
    "confidence: how sure the shape is. captured: from a real token of Kinde's; typed: in @kinde/webhooks;",
    "unverified: in no official source, our reading. The signature is the same for all.",
    "",
  );
}

/** Every event type by the command line, to its end. @returns the `delivery` records */
async function emitAll(endpoint, issuerPort) {
  const emit = startNode(
    [cliPath, "emit", "*", "--json", "--json-token", "--to", endpoint, "--issuer-port", String(issuerPort)],
    { cwd: project.directory, env: project.environment },
  );
  const { code: exitCode, lines, errors } = await emit.ended;
  const records = lines.map((line) => JSON.parse(line));
  const deliveries = records.filter(({ record }) => record === "delivery");
  if (deliveries.length === 0) throw new Error(`emit delivered nothing (exit ${exitCode}): ${errors}`);
  check("emit ends well", () => strictEqual(exitCode, 0, `it exited with ${exitCode}`));
  return deliveries;
}

/** One event type arrived once, was answered 200, and the app decoded the claims that were signed. */
function checkDelivery(fixture, deliveries, accepted) {
  const { type, confidence } = fixture;
  const delivery = deliveries.find(({ event }) => event.type === type);
  const attempt = delivery?.attempts.at(-1);
  const claims = delivery && readClaims(delivery.token);
  const decoded = accepted.filter((event) => event.event_id === delivery?.event.id);
  const isVerified = check(`${type} is verified and accepted as it was emitted`, () => {
    strictEqual(attempt?.status, 200, `the app answered ${attempt?.status ?? attempt?.error?.code}`);
    deepStrictEqual(decoded, [claims], "the app has other claims");
    deepStrictEqual(claims.data, fixture.data, "the data is not the sample's");
  });
  return {
    "event type": type,
    confidence,
    status: attempt?.status ?? attempt?.error?.code ?? "not sent",
    ms: attempt?.durationMs.toFixed(1),
    "verified by": isVerified
      ? `@kinde/webhooks, key ${readHeader(delivery.token).kid.slice(0, 11)}…`
      : "NOT VERIFIED",
  };
}

/** A token is accepted with its own signature, and refused with the forger's. */
async function checkForgery(token, origin, endpoint) {
  const { type } = readClaims(token);
  const genuine = await post(endpoint, token);
  say(`   - a ${type} with its own signature: ${genuine.status}`);
  const before = (await acceptedBy(origin)).length;
  const forged = await post(endpoint, forge(token));
  say(`   - the same header, key id and claims, signed with another key: ${forged.status} "${forged.body}"`);
  const after = (await acceptedBy(origin)).length;
  check("the app can verify what is posted by hand", () => strictEqual(genuine.status, 200));
  const isRefused = check("the forged webhook is refused", () => {
    strictEqual(forged.status, 400, `the app answered ${forged.status}`);
    strictEqual(after, before, "the app accepted it");
  });
  return {
    "event type": `${type}, forged`,
    confidence: "",
    status: forged.status,
    ms: forged.durationMs.toFixed(1),
    "verified by": isRefused ? "nobody: refused" : "NOT REFUSED",
  };
}

async function post(endpoint, token) {
  const sentAt = performance.now();
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { "content-type": "application/jwt", "webhook-id": "demo" },
    body: token,
  });
  const body = await response.text();
  return { status: response.status, body, durationMs: performance.now() - sentAt };
}

async function acceptedBy(origin) {
  return await (await fetch(`${origin}/accepted`)).json();
}

/** Notes what does not hold, and goes on. */
function check(fact, assertion) {
  try {
    assertion();
    return true;
  } catch (error) {
    failures.push(`${fact}: ${error.message.split("\n")[0]}`);
    return false;
  }
}

function say(...lines) {
  for (const line of lines) console.log(line);
}
