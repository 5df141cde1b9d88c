/** Tokens that choose the key by which they are verified, or have none of the issuer's. */
import { generateKeyPairSync } from "node:crypto";
import { craftToken } from "../kinde/craft-token.ts";
import { requestBytes, sampleEvent, type Attack } from "./attack.ts";
import type { Surroundings } from "./scene.ts";
import { noSignature, realKey, signedRow as row } from "./signed-row.ts";

type Code = Attack["code"];

const attackersRsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const attackersJwk = attackersRsa.publicKey.export({ format: "jwk" });

type HeaderOf = (surroundings: Surroundings) => object;
const trapUrl = ({ trap }: Surroundings): string => `http://127.0.0.1:${trap.port}/.well-known/jwks.json`;
const keyHeaders: readonly (readonly [name: string, header: HeaderOf])[] = [
  ["jku", (surroundings) => ({ jku: trapUrl(surroundings) })],
  ["jwk", ({ kinde }) => ({ jwk: { ...attackersJwk, alg: "RS256", use: "sig", kid: kinde.kid } })],
  ["x5u", (surroundings) => ({ x5u: trapUrl(surroundings) })],
  [
    "x5c",
    () => ({ x5c: [attackersRsa.publicKey.export({ type: "spki", format: "der" }).toString("base64")] }),
  ],
  ["iss", ({ trap }) => ({ iss: `http://127.0.0.1:${trap.port}` })],
];

const ownKeys: readonly Attack[] = keyHeaders.flatMap(([name, header]) => [
  row(
    `${name} of the attacker's, with the right key id`,
    header,
    attackersRsa.privateKey,
    "ERR_BAD_SIGNATURE",
  ),
  row(
    `${name} of the attacker's, with a key id of its own`,
    (surroundings) => ({ ...header(surroundings), kid: "attacker" }),
    attackersRsa.privateKey,
    "ERR_UNKNOWN_KID",
  ),
  row(
    `${name} of the attacker's, without a key id`,
    (surroundings) => ({ ...header(surroundings), kid: undefined }),
    attackersRsa.privateKey,
    "ERR_MISSING_KID",
  ),
]);

const extensions: readonly Attack[] = [
  ["crit with an extension", { crit: ["exp"], exp: 4_102_444_800 }],
  ["crit with b64", { crit: ["b64"], b64: false }],
  ["crit that is empty", { crit: [] }],
  ["crit that is null", { crit: null }],
  ["b64 without crit", { b64: false }],
  ["b64 that is true", { b64: true }],
].map(([name, header]) =>
  row(
    `${name as string}, signed with the real key`,
    () => header as object,
    realKey,
    "ERR_UNSUPPORTED_HEADER",
  ),
);

const oddIds: readonly (readonly [name: string, kid: (surroundings: Surroundings) => unknown, code: Code])[] =
  [
    ["nobody's", () => "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff", "ERR_UNKNOWN_KID"],
    ["a path", () => "../../../../../../dev/null", "ERR_UNKNOWN_KID"],
    ["a file URL", () => "file:///etc/hostname", "ERR_UNKNOWN_KID"],
    ["a URL", (surroundings) => trapUrl(surroundings), "ERR_UNKNOWN_KID"],
    ["an SQL string", () => "' UNION SELECT 'key' --", "ERR_UNKNOWN_KID"],
    ["a command", ({ trap }) => `|curl http://127.0.0.1:${trap.port}/`, "ERR_UNKNOWN_KID"],
    ["__proto__", () => "__proto__", "ERR_UNKNOWN_KID"],
    ["constructor", () => "constructor", "ERR_UNKNOWN_KID"],
    ["toString", () => "toString", "ERR_UNKNOWN_KID"],
    ["0", () => "0", "ERR_UNKNOWN_KID"],
    ["the right one with NUL behind it", ({ kinde }) => `${kinde.kid}\0`, "ERR_UNKNOWN_KID"],
    ["the right one with NUL and more behind it", ({ kinde }) => `${kinde.kid}\0.pem`, "ERR_UNKNOWN_KID"],
    ["the right one with a space before it", ({ kinde }) => ` ${kinde.kid}`, "ERR_UNKNOWN_KID"],
    ["the right one with a newline behind it", ({ kinde }) => `${kinde.kid}\n`, "ERR_UNKNOWN_KID"],
    ["the right one without colons", ({ kinde }) => kinde.kid.replaceAll(":", ""), "ERR_UNKNOWN_KID"],
    ["the right one in full-width digits", ({ kinde }) => widen(kinde.kid), "ERR_UNKNOWN_KID"],
    ["64 KiB long", () => "k".repeat(1 << 16), "ERR_UNKNOWN_KID"],
    ["left out", () => undefined, "ERR_MISSING_KID"],
    ["null", () => null, "ERR_MISSING_KID"],
    ["empty", () => "", "ERR_MISSING_KID"],
    ["a number", () => 0, "ERR_MISSING_KID"],
    ["true", () => true, "ERR_MISSING_KID"],
    ["an array with the right one", ({ kinde }) => [kinde.kid], "ERR_MISSING_KID"],
    ["an object", ({ kinde }) => ({ kid: kinde.kid }), "ERR_MISSING_KID"],
  ];

const keyIds: readonly Attack[] = oddIds.map(([name, kid, code]) =>
  row(`a key id that is ${name}, signed with the real key`, (all) => ({ kid: kid(all) }), realKey, code),
);

function widen(text: string): string {
  return text.replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
}

/** JSON that nests deeper than any stack reaches. */
const deep = "[".repeat(100_000) + "]".repeat(100_000);
const deepHeaders: readonly Attack[] = (
  [
    ["alg", "ERR_WRONG_ALG"],
    ["kid", "ERR_MISSING_KID"],
    ["typ", "ERR_BAD_SIGNATURE"],
  ] as const
).map(([name, code]) => ({
  name: `a header whose ${name} is nested 100,000 deep`,
  bytes: ({ kinde }: Surroundings) => {
    const header = { alg: '"RS256"', kid: JSON.stringify(kinde.kid), typ: '"JWT"', [name]: deep };
    const text = Object.entries(header).map(([member, value]) => `"${member}":${value}`);
    return requestBytes({ body: craftToken({ header: `{${text.join()}}`, key: noSignature }) });
  },
  code,
  status: 401,
}));

const strangers: readonly Attack[] = [
  row(
    "a token of the attacker's own key with the right key id",
    () => ({}),
    attackersRsa.privateKey,
    "ERR_BAD_SIGNATURE",
  ),
  {
    name: "a token of another issuer",
    bytes: ({ stranger }) => requestBytes({ body: stranger.signWebhook("user.created") }),
    code: "ERR_UNKNOWN_KID",
    status: 401,
  },
  {
    name: "a token of another issuer with the right key id",
    bytes: ({ stranger, kinde }) =>
      requestBytes({
        body: stranger.signClaims(sampleEvent(), { header: { kid: kinde.kid } }),
      }),
    code: "ERR_BAD_SIGNATURE",
    status: 401,
  },
];

export const keyAttacks: readonly Attack[] = [
  ...ownKeys,
  ...extensions,
  ...keyIds,
  ...deepHeaders,
  ...strangers,
];
