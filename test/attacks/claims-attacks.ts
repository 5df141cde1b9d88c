/** Claims that are no event, or one of long ago, though the real issuer's key signed them. */
import { foreignKey } from "../helpers/keys.ts";
import { craftToken } from "../kinde/craft-token.ts";
import { requestBytes, sampleEvent, type Attack } from "./attack.ts";

type Code = Attack["code"];

function row(name: string, claims: unknown, code: Code): Attack {
  return { name: `signed claims ${name}`, bytes: signedBytes(claims), code, status: 401 };
}

const event = JSON.stringify(sampleEvent());

const notObjects: readonly Attack[] = [
  row("that are an array", "[]", "ERR_NOT_AN_EVENT"),
  row("that are an array with an event", `[${event}]`, "ERR_NOT_AN_EVENT"),
  row("that are text", '"user.created"', "ERR_NOT_AN_EVENT"),
  row("that are an event as text", JSON.stringify(event), "ERR_NOT_AN_EVENT"),
  row("that are a number", "42", "ERR_NOT_AN_EVENT"),
  row("that are true", "true", "ERR_NOT_AN_EVENT"),
  row("that are null", "null", "ERR_NOT_AN_EVENT"),
  row("that are an empty object", "{}", "ERR_NOT_AN_EVENT"),
  row("that are nothing", "", "ERR_NOT_A_JWT"),
  row("that are no JSON", "type=user.created", "ERR_NOT_A_JWT"),
  row("that are two events", event + event, "ERR_NOT_A_JWT"),
  row("with a comment", `/* */${event}`, "ERR_NOT_A_JWT"),
  row("with a byte order mark", `\uFEFF${event}`, "ERR_NOT_A_JWT"),
  row("in UTF-16", Buffer.from(event, "utf16le"), "ERR_NOT_A_JWT"),
  row(
    "with bytes that are no UTF-8",
    Buffer.from(event.replace('"user.', '"\u00FFuser.'), "latin1"),
    "ERR_NOT_A_JWT",
  ),
  row("cut off", event.slice(0, -1), "ERR_NOT_A_JWT"),
  row("whose event hangs on __proto__", `{"__proto__":${event}}`, "ERR_NOT_AN_EVENT"),
];

const texts = ["type", "event_id", "timestamp"] as const;
const notTexts = [undefined, null, "", 0, 1_700_000_000, true, ["user.created"], { value: "user.created" }];
const notData = [undefined, null, "", "{}", 0, true, [], [{ user: {} }]];

const show = (value: unknown): string => (value === undefined ? "left out" : JSON.stringify(value));
const changed = (change: object): object => ({ ...sampleEvent(), ...change });

const mistyped: readonly Attack[] = [
  ...texts.flatMap((claim) =>
    notTexts.map((value) =>
      row(`with ${claim}: ${show(value)}`, changed({ [claim]: value }), "ERR_NOT_AN_EVENT"),
    ),
  ),
  ...notData.map((data) => row(`with data: ${show(data)}`, changed({ data }), "ERR_NOT_AN_EVENT")),
];

const hourMs = 60 * 60 * 1000;
const times: readonly (readonly [name: string, timestamp: string])[] = [
  ["2020", "2020-02-29T12:00:00.000Z"],
  ["2020 with an offset", "2020-02-29T12:00:00.123456+10:00"],
  ["1970", "1970-01-01T00:00:00Z"],
  ["72 h and a minute ago", new Date(Date.now() - 72 * hourMs - 60_000).toISOString()],
  ["epoch seconds", String(Math.floor(Date.now() / 1000))],
  ["a word", "yesterday"],
  ["now", "now"],
  ["a month that is none", "2099-13-45T00:00:00Z"],
  ["Infinity", "Infinity"],
  ["NaN", "NaN"],
  ["a space", " "],
  ["two times", `${new Date().toISOString()},${new Date().toISOString()}`],
];

const old: readonly Attack[] = times.map(([name, timestamp]) =>
  row(`with a timestamp of ${name}`, changed({ timestamp }), "ERR_EVENT_TOO_OLD"),
);

export const claimsAttacks: readonly Attack[] = [
  ...notObjects,
  ...mistyped,
  ...old,
  row(
    "with an old timestamp behind a new event_timestamp",
    changed({ timestamp: "2020-01-01T00:00:00Z", event_timestamp: new Date().toISOString() }),
    "ERR_EVENT_TOO_OLD",
  ),
];

/** What the real key signed, whatever it is. */
function signedBytes(claims: unknown): Attack["bytes"] {
  return ({ kinde }) =>
    requestBytes({
      body: craftToken({
        header: { alg: "RS256", kid: kinde.kid, typ: "JWT" },
        claims,
        key: foreignKey.privateKey,
      }),
    });
}
