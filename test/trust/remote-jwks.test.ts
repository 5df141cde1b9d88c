import { describe, expect, test } from "vitest";
import { createEvent } from "../../src/kinde/events.ts";
import { signEvent } from "../../src/kinde/sign.ts";
import type { SigningKey } from "../../src/kinde/signing-key.ts";
import { verifyToken } from "../../src/kinde/verify.ts";
import { createRemoteJwks, type RemoteJwks } from "../../src/trust/remote-jwks.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";

const second = 1_000;
const hour = 3_600 * second;
const unreachable = expect.objectContaining({ code: "ERR_JWKS_UNREACHABLE", exitCode: 3 }) as Error;
const invalid = expect.objectContaining({ code: "ERR_JWKS_INVALID" }) as Error;

/** A real issuer whose answer a test changes, and our view of its keys with a clock that a test holds. */
interface Scene extends AsyncDisposable {
  readonly keys: RemoteJwks;
  readonly url: string;
  /** The paths asked for so far. */
  readonly paths: () => string[];
  answer: Answer;
  /** Epoch milliseconds. */
  now: number;
}

async function openScene(answer: Answer, { timeoutMs = 10 * second } = {}): Promise<Scene> {
  const receiver = await startReceiver({
    answers: [
      async (response, request, incoming) => {
        if (typeof scene.answer === "number") response.writeHead(scene.answer).end();
        else await scene.answer(response, request, incoming);
      },
    ],
  });
  const url = `http://127.0.0.1:${receiver.port}`;
  const scene: Scene = {
    url,
    answer,
    now: Date.UTC(2026, 7, 1),
    keys: createRemoteJwks(url, { now: () => scene.now, timeoutMs }),
    paths: () => receiver.requests.map((request) => request.url),
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  };
  return scene;
}

function jwksOf(...keys: SigningKey[]): Answer {
  const body = JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) });
  return (response) => void response.writeHead(200, { "content-type": "application/json" }).end(body);
}

function text(body: string): Answer {
  return (response) => void response.end(body);
}

describe("the first key", () => {
  test("is fetched once and kept", async () => {
    await using scene = await openScene(jwksOf(signingKey));
    for (let use = 0; use < 3; use++) {
      const key = await scene.keys.keyFor(signingKey.kid);
      expect(key?.export({ format: "jwk" })).toMatchObject({ n: signingKey.publicJwk.n });
    }
    expect(scene.paths()).toEqual(["/.well-known/jwks"]);
  });

  test("is not fetched before it is needed", async () => {
    await using scene = await openScene(jwksOf(signingKey));
    expect(scene.keys.issuer).toBe(scene.url);
    expect(scene.paths()).toEqual([]);
  });

  test("verifies a token in the issuer's name", async () => {
    await using scene = await openScene(jwksOf(foreignKey, signingKey));
    const event = createEvent(
      "user.created",
      {},
      { now: scene.now, randomBytes: (size) => new Uint8Array(size) },
    );
    expect(await verifyToken(await signEvent(event, signingKey), scene.keys)).toMatchObject({
      status: "verified",
      kid: signingKey.kid,
      issuer: scene.url,
    });
  });

  test("is found at the other path when there is nothing at the first", async () => {
    const jwks = jwksOf(signingKey) as Exclude<Answer, number>;
    await using scene = await openScene((response, request, incoming) =>
      request.url === "/.well-known/jwks.json"
        ? jwks(response, request, incoming)
        : void response.writeHead(404).end("<h1>Not found</h1>"),
    );
    expect(await scene.keys.keyFor(signingKey.kid)).toBeDefined();
    expect(scene.paths()).toEqual(["/.well-known/jwks", "/.well-known/jwks.json"]);
  });

  test("is found at an issuer with a path, and with a slash at its end", async () => {
    await using scene = await openScene(jwksOf(signingKey));
    await createRemoteJwks(`${scene.url}/tenant/`).keyFor(signingKey.kid);
    expect(scene.paths()).toEqual(["/tenant/.well-known/jwks"]);
  });

  test("is asked for in one request however many want it at once", async () => {
    const asked = Array.from({ length: 10 }, () => signingKey.kid);
    let arrived = (): void => {};
    const hasArrived = new Promise<void>((resolve) => (arrived = resolve));
    let release = (): void => {};
    const isReleased = new Promise<void>((resolve) => (release = resolve));
    const jwks = jwksOf(signingKey) as Exclude<Answer, number>;
    await using scene = await openScene(async (...exchange) => {
      arrived();
      await isReleased;
      await jwks(...exchange);
    });
    const first = scene.keys.keyFor(signingKey.kid);
    await hasArrived;
    const all = Promise.all(asked.map((kid) => scene.keys.keyFor(kid)));
    release();
    expect(await first).toBeDefined();
    expect(await all).not.toContain(undefined);
    expect(scene.paths()).toHaveLength(1);
  });
});

describe("a kept set", () => {
  test("is refreshed after an hour", async () => {
    await using scene = await openScene(jwksOf(signingKey));
    await scene.keys.keyFor(signingKey.kid);
    scene.now += hour - 1;
    await scene.keys.keyFor(signingKey.kid);
    expect(scene.paths()).toHaveLength(1);
    scene.now += 1;
    await scene.keys.keyFor(signingKey.kid);
    await scene.keys.keyFor(signingKey.kid);
    expect(scene.paths()).toHaveLength(2);
  });

  test("is refreshed for a key id it does not have, at most every 5 s", async () => {
    await using scene = await openScene(jwksOf(signingKey));
    await scene.keys.keyFor(signingKey.kid);
    const requestsAfter = async (elapsed: number): Promise<number> => {
      scene.now += elapsed;
      for (const kid of ["made up", "also made up"]) expect(await scene.keys.keyFor(kid)).toBeUndefined();
      return scene.paths().length;
    };
    expect(await requestsAfter(0)).toBe(1);
    expect(await requestsAfter(5 * second - 1)).toBe(1);
    expect(await requestsAfter(1)).toBe(2);
    expect(await requestsAfter(4 * second)).toBe(2);
    expect(await requestsAfter(second)).toBe(3);
  });

  test("learns a new key when a token names it", async () => {
    await using scene = await openScene(jwksOf(signingKey));
    await scene.keys.keyFor(signingKey.kid);
    scene.answer = jwksOf(signingKey, foreignKey);
    scene.now += 5 * second;
    expect(await scene.keys.keyFor(foreignKey.kid)).toBeDefined();
    expect(await scene.keys.keyFor(signingKey.kid)).toBeDefined();
    expect(scene.paths()).toHaveLength(2);
  });

  test("drops a key that the issuer lists no more, and its tokens verify no more", async () => {
    await using scene = await openScene(jwksOf(signingKey, foreignKey));
    const event = createEvent(
      "user.created",
      {},
      { now: scene.now, randomBytes: (size) => new Uint8Array(size) },
    );
    const token = await signEvent(event, signingKey);
    expect(await verifyToken(token, scene.keys)).toMatchObject({ status: "verified" });
    scene.answer = jwksOf(foreignKey);
    scene.now += hour;
    expect(await verifyToken(token, scene.keys)).toMatchObject({ reason: "ERR_UNKNOWN_KID" });
  });

  test("of an empty set is no failure", async () => {
    await using scene = await openScene(jwksOf());
    expect(await scene.keys.keyFor(signingKey.kid)).toBeUndefined();
  });

  test.each<[how: string, answer: Answer]>([
    ["answers 500", 500],
    ["answers a web page", text("<!doctype html><title>Maintenance</title>")],
    ["cuts the connection", (response) => void response.destroy()],
  ])("outlives an issuer that %s, for 24 hours at most", async (_how, answer) => {
    await using scene = await openScene(jwksOf(signingKey));
    await scene.keys.keyFor(signingKey.kid);
    scene.answer = answer;
    for (const elapsed of [hour, 22 * hour, hour - 1]) {
      scene.now += elapsed;
      expect(await scene.keys.keyFor(signingKey.kid)).toBeDefined();
    }
    scene.now += 1;
    await expect(scene.keys.keyFor(signingKey.kid)).rejects.toThrow(/^Failed to (fetch|read) the JWKS/);
  });

  test("counts its 24 hours from the last refresh that worked", async () => {
    await using scene = await openScene(jwksOf(signingKey));
    await scene.keys.keyFor(signingKey.kid);
    scene.now += 20 * hour;
    await scene.keys.keyFor(signingKey.kid);
    scene.answer = 503;
    scene.now += 23 * hour;
    expect(await scene.keys.keyFor(signingKey.kid)).toBeDefined();
    scene.now += hour;
    await expect(scene.keys.keyFor(signingKey.kid)).rejects.toThrow(unreachable);
  });

  test("is asked for at most once a minute while a good one is at hand", async () => {
    await using scene = await openScene(jwksOf(signingKey));
    await scene.keys.keyFor(signingKey.kid);
    scene.answer = 500;
    scene.now += hour;
    await scene.keys.keyFor(signingKey.kid);
    const asked = scene.paths().length;
    scene.now += 59 * second;
    await scene.keys.keyFor(signingKey.kid);
    expect(scene.paths()).toHaveLength(asked);
    scene.now += second;
    await scene.keys.keyFor(signingKey.kid);
    expect(scene.paths().length).toBeGreaterThan(asked);
  });

  test("does not call a key id unknown when the issuer could not be asked", async () => {
    await using scene = await openScene(jwksOf(signingKey));
    await scene.keys.keyFor(signingKey.kid);
    scene.answer = 503;
    scene.now += 5 * second;
    await expect(scene.keys.keyFor(foreignKey.kid)).rejects.toThrow(unreachable);
    expect(await scene.keys.keyFor(signingKey.kid)).toBeDefined();
  });

  test("comes back when the issuer does", async () => {
    await using scene = await openScene(jwksOf(signingKey));
    await scene.keys.keyFor(signingKey.kid);
    scene.answer = 503;
    scene.now += 24 * hour;
    await expect(scene.keys.keyFor(signingKey.kid)).rejects.toThrow(unreachable);
    scene.answer = jwksOf(signingKey);
    scene.now += 5 * second;
    expect(await scene.keys.keyFor(signingKey.kid)).toBeDefined();
  });
});

describe("a set that can't be had:", () => {
  test.each<[what: string, answer: Answer, error: Error]>([
    ["the issuer answers 404 at both paths", 404, unreachable],
    ["the issuer answers 500", 500, unreachable],
    ["the issuer cuts the connection", (response) => void response.destroy(), unreachable],
    ["the answer is a web page", text("<!doctype html><title>Sign in</title>"), invalid],
    ["the answer is JSON of another kind", text('{"error":"not found"}'), invalid],
    ["the answer is empty", text(""), invalid],
    ["the answer is larger than 1 MiB", text(`{"keys":[]}${" ".repeat(1 << 20)}`), invalid],
  ])("%s", async (_what, answer, error) => {
    await using scene = await openScene(answer);
    await expect(scene.keys.keyFor(signingKey.kid)).rejects.toThrow(error);
  });

  test.each<[what: string, answer: Answer]>([
    ["the issuer never answers", () => {}],
    ["the answer never ends", (response) => void response.write('{"keys":[')],
  ])("%s", async (_what, answer) => {
    await using scene = await openScene(answer, { timeoutMs: 50 });
    await expect(scene.keys.keyFor(signingKey.kid)).rejects.toThrow(unreachable);
  });

  test("nothing listens at the issuer", async () => {
    const keys = createRemoteJwks(`http://127.0.0.1:${await findFreePort()}`);
    await expect(keys.keyFor(signingKey.kid)).rejects.toThrow(unreachable);
  });

  test("the reason reaches whoever verifies a token", async () => {
    await using scene = await openScene(text("<html>"));
    const event = createEvent(
      "user.created",
      {},
      { now: scene.now, randomBytes: (size) => new Uint8Array(size) },
    );
    const token = await signEvent(event, signingKey);
    expect(await verifyToken(token, scene.keys)).toMatchObject({ reason: "ERR_JWKS_INVALID" });
    scene.answer = 500;
    scene.now += 5 * second;
    expect(await verifyToken(token, scene.keys)).toMatchObject({ reason: "ERR_JWKS_UNREACHABLE" });
  });

  test("the issuer is asked again after 5 s, and not before", async () => {
    await using scene = await openScene(500);
    await expect(scene.keys.keyFor(signingKey.kid)).rejects.toThrow(unreachable);
    const asked = scene.paths().length;
    scene.answer = jwksOf(signingKey);
    scene.now += 5 * second - 1;
    await expect(scene.keys.keyFor(signingKey.kid)).rejects.toThrow(unreachable);
    expect(scene.paths()).toHaveLength(asked);
    scene.now += 1;
    expect(await scene.keys.keyFor(signingKey.kid)).toBeDefined();
  });

  test("a redirect is not followed", async () => {
    await using elsewhere = await startReceiver({ answers: [jwksOf(signingKey)] });
    await using scene = await openScene(
      (response) => void response.writeHead(302, { location: `${elsewhere.url}/.well-known/jwks` }).end(),
    );
    await expect(scene.keys.keyFor(signingKey.kid)).rejects.toThrow(unreachable);
    expect(elsewhere.requests).toEqual([]);
  });
});

describe("the whole set", () => {
  test("is fetched when first asked for, and shares its requests with single keys", async () => {
    await using scene = await openScene(jwksOf(signingKey, foreignKey));
    const jwks = await scene.keys.jwks();
    expect(jwks).toEqual({ keys: [signingKey.publicJwk, foreignKey.publicJwk] });
    await scene.keys.keyFor(signingKey.kid);
    expect(await scene.keys.jwks()).toBe(jwks);
    expect(scene.paths()).toHaveLength(1);
  });

  test("is refreshed after an hour", async () => {
    await using scene = await openScene(jwksOf(signingKey, foreignKey));
    await scene.keys.jwks();
    scene.answer = jwksOf(foreignKey);
    scene.now += hour - 1;
    expect((await scene.keys.jwks()).keys).toHaveLength(2);
    scene.now += 1;
    expect(await scene.keys.jwks()).toEqual({ keys: [foreignKey.publicJwk] });
  });

  test("is the last good one for 24 hours at most when the issuer fails", async () => {
    await using scene = await openScene(jwksOf(signingKey));
    await scene.keys.jwks();
    scene.answer = 503;
    scene.now += 24 * hour - 1;
    expect((await scene.keys.jwks()).keys).toHaveLength(1);
    scene.now += 1;
    await expect(scene.keys.jwks()).rejects.toThrow(unreachable);
  });

  test.each<[what: string, answer: Answer, error: Error]>([
    ["500", 500, unreachable],
    ["a web page", text("<!doctype html>"), invalid],
  ])(
    "can't be had from an issuer that answers %s, and is asked for again after 5 s",
    async (_, answer, error) => {
      await using scene = await openScene(answer);
      await expect(scene.keys.jwks()).rejects.toThrow(error);
      scene.answer = jwksOf(signingKey);
      scene.now += 5 * second - 1;
      await expect(scene.keys.jwks()).rejects.toThrow(error);
      scene.now += 1;
      expect((await scene.keys.jwks()).keys).toHaveLength(1);
    },
  );

  test("may be empty", async () => {
    await using scene = await openScene(jwksOf());
    expect(await scene.keys.jwks()).toEqual({ keys: [] });
  });
});

describe("whether it has a key id", () => {
  test("is said of the set at hand, and nothing is fetched for it", async () => {
    await using scene = await openScene(jwksOf(signingKey));
    expect(scene.keys.has(signingKey.kid)).toBe(false);
    expect(scene.paths()).toEqual([]);
    await scene.keys.jwks();
    expect([scene.keys.has(signingKey.kid), scene.keys.has(foreignKey.kid)]).toEqual([true, false]);
    expect(scene.paths()).toHaveLength(1);
  });

  test("changes with the set", async () => {
    await using scene = await openScene(jwksOf(signingKey));
    await scene.keys.jwks();
    scene.answer = jwksOf(foreignKey);
    scene.now += hour;
    await scene.keys.jwks();
    expect([scene.keys.has(signingKey.kid), scene.keys.has(foreignKey.kid)]).toEqual([false, true]);
  });

  test.each(["__proto__", "constructor", "toString", ""])("does not take %j for one", async (kid) => {
    await using scene = await openScene(jwksOf(signingKey));
    await scene.keys.jwks();
    expect(scene.keys.has(kid)).toBe(false);
  });
});

test.each(["http://acme.kinde.com", "", "ftp://acme.kinde.com"])("refuses the issuer %j", (issuer) => {
  expect(() => createRemoteJwks(issuer)).toThrow(expect.objectContaining({ code: "ERR_INVALID_OPTION" }));
});
