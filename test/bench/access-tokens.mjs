import { randomBytes, sign } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { createSigningKey, exportPrivateJwk } from "../../dist/index.js";
import { findFreePort } from "../helpers/processes.mjs";
import { importSource } from "./import-source.mjs";
import { startBareTokenServer, startMock } from "./jwks-servers.mjs";
import { measureLoad } from "./kept-connections.mjs";
import { countPerSecond } from "./per-second.mjs";
import { compare, runRounds, typical } from "./rounds.mjs";

const total = 250;
const concurrencies = [8, 1];
const signBytes = promisify(sign);

const order = {
  grant_type: "client_credentials",
  client_id: "00112233445566778899aabbccddeeff",
  client_secret: "a-secret-that-any-client-may-have",
  audience: "https://acme.kinde.com/api",
};
const form = new URLSearchParams(order).toString();
const request = [
  "POST /oauth2/token HTTP/1.1",
  "host: localhost",
  "content-type: application/x-www-form-urlencoded",
  `content-length: ${form.length}`,
  "",
  form,
].join("\r\n");

/** Access tokens per second: made and signed in this process, and asked for over HTTP. */
export async function measureAccessTokens(project) {
  const key = await createSigningKey();
  return [...(await measureInProcess(project, key)), ...(await measureOverHttp(project, key))];
}

async function measureInProcess(project, key) {
  const { createAccessToken, managementScopes } = await importSource(project, "kinde/access-token.ts");
  const { client_id: clientId, audience } = order;
  const asked = { issuer: "http://localhost:4455", clientId, audience: [audience], scopes: managementScopes };
  const makeToken = () => createAccessToken(asked, key, { now: Date.now(), randomBytes });
  const token = await makeToken();
  const input = Buffer.from(token.slice(0, token.lastIndexOf(".")));
  const figures = [];
  for (const concurrency of concurrencies) {
    const rounds = await runRounds(50, {
      tokens: () => countPerSecond(makeToken, { total, concurrency }),
      bare: () => countPerSecond(() => signBytes("sha256", input, key.privateKey), { total, concurrency }),
    });
    figures.push({
      what: `access tokens made and signed/s, ${concurrency} at once`,
      yardstick: `crypto.sign of the same bytes (${typical(rounds, "bare").toFixed(0)}/s)`,
      ratio: compare(rounds, "tokens", "bare"),
    });
  }
  return figures;
}

async function measureOverHttp(project, key) {
  const keyFile = join(project.directory, "token-key.json");
  writeFileSync(keyFile, JSON.stringify(exportPrivateJwk(key)));
  const [mockPort, barePort] = [await findFreePort(), await findFreePort()];
  const mock = await startMock(project, mockPort);
  const answer = await askOnce(mockPort);
  const bare = await startBareTokenServer(project, barePort, keyFile, answer);
  const figures = [];
  for (const connections of concurrencies) {
    const load = { connections, total, request };
    const rounds = await runRounds(50, {
      mock: () => measureLoad(mockPort, load),
      bare: () => measureLoad(barePort, load),
    });
    figures.push({
      what: `POST /oauth2/token of mock/s, ${connections} at once (${typical(rounds, "mock").toFixed(0)}/s)`,
      yardstick: `a bare node:http server that signs the same (${typical(rounds, "bare").toFixed(0)}/s)`,
      ratio: compare(rounds, "mock", "bare"),
    });
  }
  await mock.stop();
  await bare.stop();
  return figures;
}

async function askOnce(port) {
  const answer = await fetch(`http://127.0.0.1:${port}/oauth2/token`, {
    method: "POST",
    body: new URLSearchParams(order),
  });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`POST /oauth2/token was answered ${answer.status} ${text}`);
  return text;
}
