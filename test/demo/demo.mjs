// `npm run demo`: the main job, offline and end to end. Every event type comes to one running app twice, through the
// tunnel and by `emit`, and one once more by `replay`; what a stranger sends to the public URL does not. Exits 0 only if
// all of it held.
import { deepStrictEqual, strictEqual } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { listenOnLoopback } from "../helpers/listen-on-loopback.mjs";
import { startLocaltunnelServer } from "../helpers/localtunnel-server.mjs";
import { requestPublic } from "../helpers/request-public.mjs";
import { startStandInKinde } from "../helpers/stand-in-kinde.mjs";
import { check } from "./checks.mjs";
import { emitAll } from "./emitted.mjs";
import { checkEnding } from "./ending.mjs";
import { checkEvents } from "./events.mjs";
import { relayAll } from "./relayed.mjs";
import { checkHistory, checkReplayed, listHistory, replayOne } from "./replayed.mjs";
import { perform } from "./stage.mjs";
import { startApp } from "./start-app.mjs";
import { checkStrangers, tryStrangers } from "./strangers.mjs";
import { readClaims, readKeyId } from "./token.mjs";
import { startTunnel } from "./tunnel.mjs";

/** As many as Kinde's docs list. */
const eventTypeCount = 27;
const fixturesDirectory = new URL("../../fixtures/events/", import.meta.url);
const fixtures = readdirSync(fixturesDirectory).map((file) =>
  JSON.parse(readFileSync(new URL(file, fixturesDirectory), "utf8")),
);

await perform(async ({ project, open }) => {
  const kinde = await open(startStandInKinde());
  const localtunnel = await open(startLocaltunnelServer());
  say(
    "Nothing of this leaves your machine. In the place of Kinde stands a server with a key of its own,",
    `${kinde.issuer}; in the place of the tunnel service the open-source localtunnel server, ${localtunnel.url}.`,
  );

  const issuerPort = await findFreePort();
  const localIssuer = `http://localhost:${issuerPort}`;
  const app = await startApp(project, localIssuer);
  say(
    "",
    "1  Your app runs: Express, the handler of Kinde's docs, @kinde/webhooks as published. One line in its .env:",
    `   KINDE_ISSUER_URL=${localIssuer}`,
  );

  const appPort = new URL(app.origin).port;
  const tunnelArgs = [appPort, "--issuer", kinde.issuer, "--host", localtunnel.url];
  const portArgs = ["--issuer-port", String(issuerPort)];
  say(
    "",
    `2  kinde-devhook tunnel ${[...tunnelArgs, ...portArgs].join(" ")}`,
    "   (outside of this demo: kinde-devhook tunnel 3000 --issuer https://acme.kinde.com)",
  );
  const tunnel = await startTunnel(project, [...tunnelArgs, ...portArgs]);
  const { ready } = tunnel;
  const publicEndpoint = `${ready.publicUrl}/api/webhook`;
  check("the tunnel is ready, by a probe through the public URL", () =>
    deepStrictEqual(
      [ready.probed, ready.issuer, ready.localIssuer, ready.forward],
      [true, kinde.issuer, localIssuer, [app.origin]],
      `it says ${JSON.stringify(ready)}`,
    ),
  );
  say(`   It is ready; the endpoint for Kinde is ${publicEndpoint}`);

  const types = fixtures.map(({ type }) => type);
  const relayed = await relayAll(kinde, publicEndpoint, types);
  say("", `3  Kinde sends ${relayed.size} events to that endpoint, one of each type.`);

  say("", `4  kinde-devhook emit '*' ${portArgs.join(" ")}`);
  const emitted = await emitAll(project, ["*", ...portArgs]);
  const ownKid = readKeyId(emitted[0].token);
  say(
    `   ${emitted.length} more events, signed here, go where the tunnel forwards to: the same app, not started anew.`,
  );
  const { keys } = JSON.parse((await requestPublic(ready.jwksUrl)).body);
  const kids = keys.map(({ kid }) => kid);
  check("the app finds Kinde's key and the project's in one key set", () =>
    deepStrictEqual(new Set(kids), new Set([kinde.kid, ownKid]), `it finds ${kids.join(" and ")}`),
  );

  const [again] = fixtures;
  const { event_id: againId } = readClaims(relayed.get(again.type).token);
  say("", `5  kinde-devhook replay ${againId} ${portArgs.join(" ")}`);
  const replayed = await replayOne(project, againId, portArgs);
  const listed = await listHistory(project, 3 * eventTypeCount);
  say(
    `   What Kinde has sent as ${again.type} goes to the app once more: the same bytes, signed by Kinde, another webhook-id.`,
    `   kinde-devhook history has ${listed.length} deliveries now.`,
  );

  const tried = await tryStrangers(kinde, publicEndpoint, app);
  const accessToken = tried.at(-1).token;
  const direct = await kinde.deliver(app.endpoint, accessToken);
  say(
    "",
    "6  A stranger has found the endpoint, and sends a forged webhook (key id and claims as Kinde's, signed with",
    "   another key), then an access token: genuine, of the same Kinde and the same key; each of your users has one.",
    `   Given to the app directly, past the gate, that access token is answered ${direct.status}.`,
  );
  check("the access token is genuine: without the gate the app takes it", () =>
    strictEqual(direct.status, 200, `it answered ${direct.status}`),
  );

  const ending = await tunnel.interrupt();
  const received = await app.received();
  say("", `7  Ctrl-C. The tunnel ends with ${ending.code} after ${Math.round(ending.durationMs)} ms.`);
  await checkEnding(ending, { ready, project, localtunnel });

  const { records } = ending;
  const events = checkEvents(fixtures, { relayed, emitted, records, received, kinde, ready, ownKid, app });
  checkReplayed(again, relayed.get(again.type), replayed, { received, kinde, endpoint: app.endpoint });
  checkHistory(listed, replayed, { relayed, emitted });
  const strangers = checkStrangers(tried, records);
  // And the replay, and the access token that was given to the app directly.
  const expected = 2 * eventTypeCount + 2;
  check(
    `all ${eventTypeCount} event types are sent, relayed and emitted, each once, one is replayed, and nothing else`,
    () => {
      const deliveries = records.filter(({ record }) => record === "delivery");
      const counts = [fixtures.length, relayed.size, deliveries.length, emitted.length];
      deepStrictEqual(
        counts,
        counts.map(() => eventTypeCount),
        `there are ${counts.join(", ")}`,
      );
      strictEqual(received.length, expected, `the app has seen ${received.length} requests, not ${expected}`);
    },
  );

  say("", ...events, "", ...strangers, "");
  return `${2 * eventTypeCount} events verified and accepted, one of them once more, ${tried.length} strangers refused at the gate, nothing left behind`;
});

/** A free port in both families: the app has to know it before it is served. */
async function findFreePort() {
  const { port, close } = await listenOnLoopback(0, () => createServer());
  await close();
  return port;
}

function say(...lines) {
  for (const line of lines) console.log(line);
}
