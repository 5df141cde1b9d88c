/** Genuine tokens in a form that is not theirs, and tokens that the same issuer signed for something else. */
import { gzipSync } from "node:zlib";
import { requestBytes, sampleEvent, type Attack } from "./attack.ts";
import type { Surroundings } from "./scene.ts";

type Code = Attack["code"];
type Wrap = (token: string, other: string) => string | Buffer;

const wrappings: readonly (readonly [name: string, wrap: Wrap])[] = [
  ["in quotes, as JSON", (token) => JSON.stringify(token)],
  ["in JSON serialisation, flattened", (token) => flattened(token)],
  ["in JSON serialisation, general", (token) => general(token)],
  ["in an object", (token) => JSON.stringify({ token })],
  ["in an array", (token) => JSON.stringify([token])],
  ["as a form", (token) => `token=${token}`],
  ["with a scheme before it", (token) => `Bearer ${token}`],
  ["with a space before it", (token) => ` ${token}`],
  ["with a space behind it", (token) => `${token} `],
  ["with a tab behind it", (token) => `${token}\t`],
  ["with a newline before it", (token) => `\n${token}`],
  ["with a newline behind it", (token) => `${token}\n`],
  ["with CR LF behind it", (token) => `${token}\r\n`],
  ["with NUL behind it", (token) => `${token}\0`],
  ["with a byte order mark", (token) => `\u00EF\u00BB\u00BF${token}`],
  ["with a dot behind it", (token) => `${token}.`],
  ["with a dot before it", (token) => `.${token}`],
  ["with padding", (token) => `${token}==`],
  ["with a part in padding", (token) => token.replace(".", "=.")],
  ["with white space in its signature", (token) => `${token.slice(0, -9)}\n${token.slice(-9)}`],
  ["in base64 with + and /", (token) => toPlainBase64(token)],
  ["in base64 as a whole", (token) => Buffer.from(token).toString("base64")],
  ["in percent encoding", (token) => token.replaceAll(".", "%2E")],
  ["in UTF-16", (token) => Buffer.from(token, "utf16le")],
  ["compressed", (token) => gzipSync(token)],
  ["followed by another, after a newline", (token, other) => `${token}\n${other}`],
  ["followed by another, after a comma", (token, other) => `${token},${other}`],
  ["followed by another, after a dot", (token, other) => `${token}.${other}`],
  ["followed by another at once", (token, other) => token + other],
  ["without its signature", (token) => token.slice(0, token.lastIndexOf("."))],
  ["without its header", (token) => token.slice(token.indexOf(".") + 1)],
  ["with five parts, as an encrypted one has", (token) => `${token}.e30.e30`],
  ["with its last byte cut off", (token) => token.slice(0, -1)],
  ["with its first byte cut off", (token) => token.slice(1)],
];

const wrapped: readonly Attack[] = wrappings.map(([name, wrap]) => ({
  name: `a genuine token ${name}`,
  bytes: ({ kinde }) =>
    requestBytes({ body: wrap(kinde.signWebhook("user.created"), kinde.signWebhook("user.deleted")) }),
  code: "ERR_NOT_A_JWT",
  status: 401,
}));

const parts = (token: string): string[] => token.split(".");

const recombined: readonly (readonly [name: string, wrap: Wrap, code: Code])[] = [
  [
    "with the signature of another",
    (token, other) => [...parts(token).slice(0, 2), parts(other)[2]].join("."),
    "ERR_BAD_SIGNATURE",
  ],
  [
    "with the claims of another",
    (token, other) => [parts(token)[0], parts(other)[1], parts(token)[2]].join("."),
    "ERR_BAD_SIGNATURE",
  ],
  ["with an empty signature", (token) => [...parts(token).slice(0, 2), ""].join("."), "ERR_BAD_SIGNATURE"],
  [
    "with a signature of zeros",
    (token) => [...parts(token).slice(0, 2), "A".repeat(342)].join("."),
    "ERR_BAD_SIGNATURE",
  ],
  [
    "with a signature that is too long",
    (token) => `${token.slice(0, -2)}${"A".repeat(342)}`,
    "ERR_BAD_SIGNATURE",
  ],
  ["whose body is empty", () => "", "ERR_NOT_A_JWT"],
  ["whose body is two dots", () => "..", "ERR_NOT_A_JWT"],
  ["whose header is null", (token) => ["bnVsbA", ...parts(token).slice(1)].join("."), "ERR_NOT_A_JWT"],
  ["whose header is an array", (token) => ["W10", ...parts(token).slice(1)].join("."), "ERR_NOT_A_JWT"],
  ["whose header is empty", (token) => ["", ...parts(token).slice(1)].join("."), "ERR_NOT_A_JWT"],
];

const mixed: readonly Attack[] = recombined.map(([name, wrap, code]) => ({
  name: `a token ${name}`,
  bytes: ({ kinde }) =>
    requestBytes({ body: wrap(kinde.signWebhook("user.created"), kinde.signWebhook("user.deleted")) }),
  code,
  status: 401,
}));

const elsewhere: readonly Attack[] = [
  {
    name: "a genuine token in the Authorization header alone",
    bytes: ({ kinde }) =>
      requestBytes({ headers: { authorization: `Bearer ${kinde.signWebhook("user.created")}` } }),
    code: "ERR_NOT_A_JWT",
    status: 401,
  },
  {
    name: "a genuine token in the query alone",
    bytes: ({ kinde }) => requestBytes({ target: `/api/webhook?token=${kinde.signWebhook("user.created")}` }),
    code: "ERR_NOT_A_JWT",
    status: 401,
  },
];

type Login = "accessToken" | "idToken" | "m2mToken";
const logins: readonly (readonly [name: string, sign: Login])[] = [
  ["access token", "accessToken"],
  ["ID token", "idToken"],
  ["M2M token", "m2mToken"],
];

const loginTokens: readonly Attack[] = logins.flatMap(([name, sign]) =>
  (
    [
      ["", {}],
      [" with type and data", { type: "user.created", data: { user: { id: "kp_1" } } }],
      [" with every claim of an event", sampleEvent()],
      [" with every claim of an event and its own set to null", { ...sampleEvent(), ...nothing() }],
    ] as const
  ).map(([suffix, claims]) => ({
    name: `the same issuer's ${name}${suffix}`,
    bytes: ({ kinde }: Surroundings) => requestBytes({ body: kinde[sign](claims) }),
    code: "ERR_ACCESS_TOKEN",
    status: 401,
  })),
);

const loginClaims: readonly Attack[] = ["azp", "sub", "scp", "scope", "gty"].flatMap((claim) =>
  ["value", "", null, [], false].map((value) => ({
    name: `an event with the claim ${claim}: ${JSON.stringify(value)}`,
    bytes: ({ kinde }: Surroundings) =>
      requestBytes({ body: kinde.signWebhook("user.created", { [claim]: value }) }),
    code: "ERR_ACCESS_TOKEN",
    status: 401,
  })),
);

function nothing(): object {
  return { azp: null, sub: null, scp: null, scope: null, gty: null };
}

function flattened(token: string): string {
  const [header, payload, signature] = token.split(".");
  return JSON.stringify({ payload, protected: header, signature });
}

function general(token: string): string {
  const [header, payload, signature] = token.split(".");
  return JSON.stringify({ payload, signatures: [{ protected: header, signature }] });
}

/** The other base64 alphabet, with at least one character that is different. */
function toPlainBase64(token: string): string {
  return token.replaceAll("-", "+").replaceAll("_", "/").replace(/.$/, "+");
}

export const tokenAttacks: readonly Attack[] = [
  ...wrapped,
  ...mixed,
  ...elsewhere,
  ...loginTokens,
  ...loginClaims,
];
