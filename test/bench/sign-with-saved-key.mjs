// The least script that does what `emit user.created --print token` does: the key of this project, the same claims.
import { createPrivateKey, randomBytes, sign } from "node:crypto";
import { readFileSync } from "node:fs";

const [{ kid, privateKey }] = JSON.parse(readFileSync(".kinde-devhook/keys.json", "utf8")).keys;
const { data } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const now = Date.now();
const timestamp = new Date(now).toISOString();
const header = { alg: "RS256", kid, typ: "JWT" };
const claims = {
  data,
  event_id: `event_${now.toString(16).padStart(12, "0")}${randomBytes(10).toString("hex")}`,
  event_timestamp: timestamp,
  source: "api",
  timestamp,
  type: "user.created",
};
const input = [header, claims]
  .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
  .join(".");
const key = createPrivateKey({ key: privateKey, format: "jwk" });
process.stdout.write(`${input}.${sign("sha256", Buffer.from(input), key).toString("base64url")}\n`);
