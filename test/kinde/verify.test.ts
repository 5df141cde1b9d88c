import {
  constants,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from "node:crypto";
import fc from "fast-check";
import { compactVerify } from "jose";
import { describe, expect, test } from "vitest";
import { createEvent } from "../../src/kinde/events.ts";
import { createLocalJwks, InvalidJwksError, type Jwks, type KeySource } from "../../src/kinde/jwks.ts";
import { signEvent } from "../../src/kinde/sign.ts";
import { verifyToken, type VerificationErrorCode, type VerifyTokenOptions } from "../../src/kinde/verify.ts";
import { JwksUnreachableError } from "../../src/trust/remote-jwks.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { craftToken, rs256Header } from "./craft-token.ts";

const issuer = "http://localhost:4455";
const keys = createLocalJwks(issuer, { keys: [signingKey.publicJwk] });
const publicKey = createPublicKey({ key: { ...signingKey.publicJwk }, format: "jwk" });
const now = Date.UTC(2026, 7, 1);
const event = createEvent("user.created", {}, { now, randomBytes: (size) => new Uint8Array(size) });
const token = await signEvent(event, signingKey);
const [headerPart = "", claimsPart = "", signaturePart = ""] = token.split(".");

const base64urlLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Claims of a Kinde access token, as far as they matter here. */
const accessTokenClaims = {
  aud: [],
  exp: 2e9,
  iat: 1e9,
  iss: issuer,
  jti: "1",
  sub: "kp_1",
  scp: ["openid"],
};

async function reasonOf(
  text: string,
  by: KeySource = keys,
  options: VerifyTokenOptions = {},
): Promise<VerificationErrorCode | "verified"> {
  const verified = await verifyToken(text, by, options);
  return verified.status === "verified" ? "verified" : verified.reason;
}

test("gives the event, the key id and the issuer of a token that Kinde's own key signed", async () => {
  expect(await verifyToken(token, keys)).toEqual({
    status: "verified",
    kid: signingKey.kid,
    issuer,
    event: JSON.parse(JSON.stringify(event)),
  });
});

test("accepts a token of another writer: other order of header and claims, an event type of tomorrow", async () => {
  const claims = {
    timestamp: "2024-05-01T17:41:45.592145+10:00",
    type: "user.levitated",
    event_id: "e",
    data: {},
  };
  const header = { typ: "JWT", kid: signingKey.kid, alg: "RS256" };
  expect(await verifyToken(craftToken({ header, claims }), keys)).toMatchObject({
    status: "verified",
    event: claims,
  });
});

interface Refused {
  readonly token: string;
  readonly keys?: KeySource;
  readonly options?: VerifyTokenOptions;
}

const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
const publicPem = publicKey.export({ type: "spki", format: "pem" });
const hmac =
  (secret: string | Buffer) =>
  (input: Buffer): Buffer =>
    createHmac("sha256", secret).update(input).digest();
const withPss = (input: Buffer): Buffer => sign("sha256", input, { key: signingKey.privateKey, ...pss });
function failing(error: Error): KeySource {
  return {
    issuer,
    keyFor: async () => {
      throw error;
    },
  };
}

/** Every code, each with what leads to it. The compiler asks for a new code's rows. */
const refused: Readonly<Record<VerificationErrorCode, Readonly<Record<string, Refused>>>> = {
  ERR_NOT_A_JWT: {
    "an empty string": { token: "" },
    "one word": { token: "hello" },
    "two dots and nothing else": { token: ".." },
    "five megabytes of one letter": { token: "a".repeat(5 << 20) },
    "a million dots": { token: ".".repeat(1e6) },
    "five megabytes of claims that are no JSON": {
      token: `${headerPart}.${"A".repeat(5 << 20)}.${signaturePart}`,
    },
    "a token without its signature": { token: `${headerPart}.${claimsPart}` },
    "a token with a fourth part": { token: `${token}.${signaturePart}` },
    "a token with space before it": { token: ` ${token}` },
    "a token with a newline after it": { token: `${token}\n` },
    "a token with padding": { token: `${token}==` },
    "a token in JSON quotes": { token: JSON.stringify(token) },
    "a token inside a JSON object": { token: JSON.stringify({ token }) },
    "a token after Bearer": { token: `Bearer ${token}` },
    "two tokens": { token: `${token} ${token}` },
    "two tokens, one a line": { token: `${token}\n${token}` },
    "a JWS in its JSON serialisation (RFC 7515, section 7.2)": {
      token: JSON.stringify({ payload: claimsPart, protected: headerPart, signature: signaturePart }),
    },
    "an encrypted token of five parts": { token: `${headerPart}.${claimsPart}.A.B.C` },
    "a header that is no JSON": { token: craftToken({ header: "header", claims: event }) },
    "a header that is an array": { token: craftToken({ header: [rs256Header], claims: event }) },
    "an event whose text is no UTF-8": {
      token: craftToken({ claims: Buffer.from(JSON.stringify({ ...event, note: "Zo\u00eb" }), "latin1") }),
    },
    "a signed text that is no JSON": { token: craftToken({ claims: "not json" }) },
    "an event without dots around it": { token: JSON.stringify(event) },
    "standard base64 in place of base64url": {
      token: `${headerPart}.${claimsPart}.${Buffer.from(signaturePart, "base64url").toString("base64")}`,
    },
  },
  ERR_WRONG_ALG: {
    "alg none without a signature": {
      token: craftToken({
        header: { ...rs256Header, alg: "none" },
        claims: event,
        key: () => Buffer.alloc(0),
      }),
    },
    "alg none under a valid signature": {
      token: craftToken({ header: { ...rs256Header, alg: "none" }, claims: event }),
    },
    "HS256 with the public key in PEM as its secret": {
      token: craftToken({ header: { ...rs256Header, alg: "HS256" }, claims: event, key: hmac(publicPem) }),
    },
    "HS256 with the modulus as its secret": {
      token: craftToken({
        header: { ...rs256Header, alg: "HS256" },
        claims: event,
        key: hmac(Buffer.from(signingKey.publicJwk.n, "base64url")),
      }),
    },
    "PS256 of the right key": {
      token: craftToken({ header: { ...rs256Header, alg: "PS256" }, claims: event, key: withPss }),
    },
    "RS512 of the right key": {
      token: craftToken({
        header: { ...rs256Header, alg: "RS512" },
        claims: event,
        key: (input) => sign("sha512", input, signingKey.privateKey),
      }),
    },
    "rs256 in small letters": {
      token: craftToken({ header: { ...rs256Header, alg: "rs256" }, claims: event }),
    },
    "no alg": { token: craftToken({ header: { kid: signingKey.kid }, claims: event }) },
    "an alg that is a list": {
      token: craftToken({ header: { ...rs256Header, alg: ["RS256"] }, claims: event }),
    },
    "an empty header": { token: craftToken({ header: {}, claims: event }) },
  },
  ERR_UNSUPPORTED_HEADER: {
    "an unknown critical extension": {
      token: craftToken({ header: { ...rs256Header, crit: ["exp"], exp: 1 }, claims: event }),
    },
    "an empty crit": { token: craftToken({ header: { ...rs256Header, crit: [] }, claims: event }) },
    "unencoded claims (RFC 7797)": {
      token: craftToken({ header: { ...rs256Header, b64: false, crit: ["b64"] }, claims: event }),
    },
    "b64 that is not critical": {
      token: craftToken({ header: { ...rs256Header, b64: true }, claims: event }),
    },
  },
  ERR_MISSING_KID: {
    "no kid": { token: craftToken({ header: { alg: "RS256", typ: "JWT" }, claims: event }) },
    "an empty kid": { token: craftToken({ header: { ...rs256Header, kid: "" }, claims: event }) },
    "a kid that is a number": { token: craftToken({ header: { ...rs256Header, kid: 1 }, claims: event }) },
    "a kid that is null": { token: craftToken({ header: { ...rs256Header, kid: null }, claims: event }) },
  },
  ERR_UNKNOWN_KID: {
    "a foreign key under its own kid": { token: await signEvent(event, foreignKey) },
    "a kid in capitals": {
      token: craftToken({ header: { ...rs256Header, kid: signingKey.kid.toUpperCase() }, claims: event }),
    },
    "a kid that is a path": {
      token: craftToken({ header: { ...rs256Header, kid: "../../dev/null" }, claims: event }),
    },
    "a kid that every object has": {
      token: craftToken({ header: { ...rs256Header, kid: "constructor" }, claims: event }),
    },
    "an issuer without any key": { token, keys: createLocalJwks(issuer, { keys: [] }) },
  },
  ERR_BAD_SIGNATURE: {
    "a foreign key under our kid": {
      token: await signEvent(event, { ...foreignKey, kid: signingKey.kid }),
    },
    "an empty signature": { token: `${headerPart}.${claimsPart}.` },
    "a signature cut short": { token: `${headerPart}.${claimsPart}.${signaturePart.slice(0, 128)}` },
    "other claims under the signature": {
      token: `${headerPart}.${craftToken({ claims: { ...event, type: "user.deleted" } }).split(".")[1]}.${signaturePart}`,
    },
    "another header under the signature": {
      token: `${craftToken({ header: { ...rs256Header, typ: "jwt" } }).split(".")[0]}.${claimsPart}.${signaturePart}`,
    },
    "an HMAC of the public key that calls itself RS256": {
      token: craftToken({ claims: event, key: hmac(publicPem) }),
    },
    "PSS padding that calls itself RS256": { token: craftToken({ claims: event, key: withPss }) },
    "SHA-512 that calls itself RS256": {
      token: craftToken({ claims: event, key: (input) => sign("sha512", input, signingKey.privateKey) }),
    },
    "an access token that somebody changed": {
      token: craftToken({ claims: accessTokenClaims, key: foreignKey.privateKey }),
    },
  },
  ERR_JWKS_UNREACHABLE: {
    "keys that can't be fetched": { token, keys: failing(new JwksUnreachableError(issuer, "it is asleep")) },
  },
  ERR_JWKS_INVALID: {
    "keys that are no JWKS": { token, keys: failing(new InvalidJwksError(issuer, "it is a web page")) },
  },
  ERR_ACCESS_TOKEN: {
    "an access token": { token: craftToken({ claims: accessTokenClaims }) },
    ...Object.fromEntries(
      ["azp", "sub", "scp", "scope", "gty"].flatMap((claim) => [
        [
          `"${claim}" in what else is an event`,
          { token: craftToken({ claims: { ...event, [claim]: "x" } }) },
        ],
        [`"${claim}" as null`, { token: craftToken({ claims: { ...event, [claim]: null } }) }],
      ]),
    ),
  },
  ERR_NOT_AN_EVENT: {
    "no claims": { token: craftToken({ claims: {} }) },
    "claims that are a list": { token: craftToken({ claims: [event] }) },
    "claims that are text": { token: craftToken({ claims: '"event"' }) },
    "claims that are a number": { token: craftToken({ claims: 42 }) },
    "claims that are null": { token: craftToken({ claims: null }) },
    "no type": { token: craftToken({ claims: { ...event, type: undefined } }) },
    "no event_id": { token: craftToken({ claims: { ...event, event_id: undefined } }) },
    "no timestamp": { token: craftToken({ claims: { ...event, timestamp: undefined } }) },
    "no data": { token: craftToken({ claims: { ...event, data: undefined } }) },
    "data that is a list": { token: craftToken({ claims: { ...event, data: [] } }) },
    "an event_id that is a number": { token: craftToken({ claims: { ...event, event_id: 1 } }) },
    "another issuer's JWT": { token: craftToken({ claims: { iss: issuer, exp: 2e9 } }) },
  },
  ERR_EVENT_TOO_OLD: {
    "a timestamp of 2020": {
      token: craftToken({ claims: { ...event, timestamp: "2020-01-01T00:00:00Z" } }),
      options: { maxAge: { limitMs: 72 * 3_600_000, now: Date.now() } },
    },
    "a timestamp one millisecond too far back": {
      token,
      options: { maxAge: { limitMs: 1_000, now: now + 1_001 } },
    },
    "a timestamp that can't be read, when age matters": {
      token: craftToken({ claims: { ...event, timestamp: "yesterday" } }),
      options: { maxAge: { limitMs: Number.MAX_SAFE_INTEGER, now } },
    },
  },
};

describe.each(Object.entries(refused))("refuses with %s", (code, rows) => {
  test.each(Object.entries(rows))("%s", async (_what, { token: text, keys: by = keys, options = {} }) => {
    const verified = await verifyToken(text, by, options);
    expect(verified).toEqual({ status: "unverified", reason: code, message: expect.any(String) as string });
  });
});

describe("the age of an event", () => {
  const old = craftToken({ claims: { ...event, timestamp: "2020-01-01T00:00:00Z" } });

  test("does not matter unless asked for: webhook tokens never expire", async () => {
    expect(await reasonOf(old)).toBe("verified");
  });

  test.each([
    ["at the limit", event.timestamp, now + 1_000],
    ["from a clock that is ahead", event.timestamp, now - 60_000],
    ["with microseconds and an offset, as captured tokens have", "2026-08-01T09:59:59.592145+10:00", now],
  ])("is accepted %s", async (_what, timestamp, at) => {
    const claims = { ...event, timestamp };
    expect(await reasonOf(craftToken({ claims }), keys, { maxAge: { limitMs: 1_000, now: at } })).toBe(
      "verified",
    );
  });
});

describe("a token does not choose the key that verifies it:", () => {
  test("what `jku` and `x5u` name is not fetched, `jwk` and `x5c` are not used", async () => {
    await using receiver = await startReceiver({
      answers: [(response) => void response.end(JSON.stringify({ keys: [foreignKey.publicJwk] }))],
    });
    const { url } = receiver;
    const pointing = { ...rs256Header, jku: url, x5u: url, jwk: foreignKey.publicJwk, x5c: ["MIIB"] };
    const forge = (kid: string): string =>
      craftToken({ header: { ...pointing, kid }, claims: event, key: foreignKey.privateKey });
    expect(await reasonOf(forge(signingKey.kid))).toBe("ERR_BAD_SIGNATURE");
    expect(await reasonOf(forge(foreignKey.kid))).toBe("ERR_UNKNOWN_KID");
    expect(await reasonOf(forge(url))).toBe("ERR_UNKNOWN_KID");
    expect(await reasonOf(craftToken({ header: pointing, claims: event }))).toBe("verified");
    expect(receiver.requests).toEqual([]);
  });
});

describe("a changed token never verifies:", () => {
  test("one other letter, at every position", async () => {
    const accepted: string[] = [];
    for (const [position, letter] of token.split("").entries()) {
      // The neighbour in the alphabet differs in the lowest bits, which decoders overlook at the end of a part.
      const neighbour = base64urlLetters[base64urlLetters.indexOf(letter) ^ 1] ?? "A";
      for (const other of new Set([neighbour, ".", "=", "+", " "])) {
        if (other === letter) continue;
        const changed = token.slice(0, position) + other + token.slice(position + 1);
        if ((await reasonOf(changed)) === "verified") accepted.push(`${position}: ${letter} → ${other}`);
      }
    }
    expect(accepted).toEqual([]);
  });

  test.each([
    ["header", 0],
    ["claims", 1],
    ["signature", 2],
  ])(
    "any other letter at the end of the %s, also one that decodes to the same bytes",
    async (_what, part) => {
      const parts = token.split(".");
      const last = parts[part]!;
      const others = base64urlLetters.split("").filter((letter) => letter !== last.at(-1));
      const changed = others.map((letter) => parts.with(part, last.slice(0, -1) + letter).join("."));
      expect(await Promise.all(changed.map((text) => reasonOf(text)))).not.toContain("verified");
    },
  );

  test("with Node's decoder alone, the last letter of a signature could change and still verify", () => {
    const decoded = Buffer.from(signaturePart, "base64url");
    const neighbour = base64urlLetters[base64urlLetters.indexOf(signaturePart.at(-1)!) ^ 1]!;
    expect(Buffer.from(signaturePart.slice(0, -1) + neighbour, "base64url").equals(decoded)).toBe(true);
  });

  test("anything cut out or put in", async () => {
    const edit = fc.record({
      position: fc.nat(token.length),
      length: fc.nat(40),
      text: fc.oneof(fc.string(), fc.base64String(), fc.constantFrom(".", claimsPart, "\0", "é")),
    });
    await fc.assert(
      fc.asyncProperty(edit, async ({ position, length, text }) => {
        const changed = token.slice(0, position) + text + token.slice(position + length);
        fc.pre(changed !== token);
        expect(await reasonOf(changed)).not.toBe("verified");
      }),
    );
  });
});

test("never throws, whatever text it is given", async () => {
  const part = fc.oneof(
    fc.base64String(),
    fc.string(),
    fc.json().map((json) => Buffer.from(json).toString("base64url")),
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(part, { maxLength: 5 }).map((parts) => parts.join(".")),
  );
  await fc.assert(
    fc.asyncProperty(text, async (value) => {
      expect(await reasonOf(value)).toMatch(/^ERR_/);
    }),
  );
});

test("what breaks inside a source of keys is thrown, not taken for a verdict", async () => {
  const bug = new TypeError("x is not a function");
  await expect(verifyToken(token, failing(bug))).rejects.toBe(bug);
});

test("whatever it accepts, jose's compactVerify accepts too, and reads the same claims", async () => {
  /** The usual value four times out of five. */
  const mostly = <Value>(usual: Value, ...others: Value[]): fc.Arbitrary<Value> =>
    fc.oneof(
      { weight: 4, arbitrary: fc.constant(usual) },
      { weight: 1, arbitrary: fc.constantFrom(...others) },
    );
  const header = fc
    .tuple(
      mostly("RS256", "none", "HS256", "PS256"),
      mostly(signingKey.kid, foreignKey.kid),
      mostly<object>({}, { crit: [] }, { crit: ["b64"], b64: true }, { crit: ["kid"] }, { b64: false }),
      fc.record(
        {
          typ: fc.constantFrom("JWT", "at+jwt", 7, null),
          cty: fc.constantFrom("JWT", {}),
          jku: fc.webUrl(),
          jwk: fc.constant(foreignKey.publicJwk),
          x5c: fc.constant([]),
          zip: fc.constant("DEF"),
        },
        { requiredKeys: [] },
      ),
    )
    .map(([alg, kid, extension, others]) => ({ alg, kid, ...extension, ...others }));
  const claims = fc.oneof(
    fc.constant(event),
    fc.jsonValue().map((data) => ({ ...event, data: { value: data } })),
    fc.jsonValue(),
  );
  const key = mostly<KeyObject | ((input: Buffer) => Buffer)>(
    signingKey.privateKey,
    foreignKey.privateKey,
    withPss,
    hmac(publicPem),
  );
  const end = mostly("", "\n", "=", ".", ` ${token}`);
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(header, claims, key, end, async (protectedHeader, content, signer, rest) => {
      const text = craftToken({ header: protectedHeader, claims: content, key: signer }) + rest;
      const verified = await verifyToken(text, keys);
      if (verified.status !== "verified") return;
      accepted++;
      const { payload } = await compactVerify(text, publicKey);
      expect(JSON.parse(new TextDecoder().decode(payload))).toEqual(verified.event);
    }),
    { numRuns: 200 },
  );
  // Else the property would hold of nothing.
  expect(accepted).toBeGreaterThan(0);
});

describe("a key that a source gives", () => {
  const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const curve = generateKeyPairSync("ec", { namedCurve: "P-256" });

  test.each([
    ["an RSA key of 1024 bits", weak],
    ["a key on an elliptic curve", curve],
  ])(
    "that is %s verifies nothing, even what it signed",
    async (_what, { publicKey: weakKey, privateKey }) => {
      const input = `${headerPart}.${claimsPart}`;
      const signature = sign("sha256", Buffer.from(input), privateKey).toString("base64url");
      const source: KeySource = { issuer, keyFor: () => Promise.resolve(weakKey) };
      expect(await reasonOf(`${input}.${signature}`, source)).toBe("ERR_UNKNOWN_KID");
      const jwks = {
        keys: [{ ...signingKey.publicJwk, ...weakKey.export({ format: "jwk" }) }],
      } as unknown as Jwks;
      expect(await reasonOf(`${input}.${signature}`, createLocalJwks(issuer, jwks))).toBe("ERR_UNKNOWN_KID");
    },
  );
});

test.each<unknown>([undefined, null, 7, {}, Buffer.from("a.b.c")])(
  "what is no text, %s, is no JWT",
  async (value) => {
    expect(await reasonOf(value as string)).toBe("ERR_NOT_A_JWT");
  },
);

test("a header behind a byte order mark is no header", async () => {
  const header = Buffer.from(`\ufeff${Buffer.from(headerPart, "base64url").toString()}`).toString(
    "base64url",
  );
  const input = `${header}.${claimsPart}`;
  const signature = sign("sha256", Buffer.from(input), signingKey.privateKey).toString("base64url");
  expect(await reasonOf(`${input}.${signature}`)).toBe("ERR_NOT_A_JWT");
});
