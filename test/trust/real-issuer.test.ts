import { describe, expect, test } from "vitest";
import { findRealIssuer, type IssuerCandidate } from "../../src/trust/real-issuer.ts";

const acme = "https://acme.kinde.com";

/** A candidate of our own settings, or of the app's variables. */
function ours(text: string, origin = "--issuer"): IssuerCandidate {
  return { text, origin, isForApp: false };
}
function ofApp(text: string, origin = "KINDE_ISSUER_URL (.env)"): IssuerCandidate {
  return { text, origin, isForApp: true };
}

test("there is none where none is named", () => {
  expect(findRealIssuer([], 4455)).toEqual({ issuer: null, origin: undefined, ourselves: [] });
});

test("the first that is named wins, with its place", () => {
  const candidates = [ours(acme), ours("https://config.kinde.com", "config"), ofApp("https://env.kinde.com")];
  expect(findRealIssuer(candidates, 4455)).toEqual({ issuer: acme, origin: "--issuer", ourselves: [] });
  expect(findRealIssuer(candidates.slice(1), 4455)).toMatchObject({ origin: "config" });
});

test.each([
  ["acme.kinde.com", acme],
  [`${acme}/`, acme],
  [`${acme}//`, acme],
  ["HTTPS://ACME.KINDE.COM", acme],
  ["https://auth.acme.example/tenant/", "https://auth.acme.example/tenant"],
  ["http://localhost:9999", "http://localhost:9999"],
  ["http://127.0.0.1:4456/", "http://127.0.0.1:4456"],
  ["http://kinde.localhost:9999", "http://kinde.localhost:9999"],
  ["https://localhost", "https://localhost"],
])("%s names %s", (text, issuer) => {
  expect(findRealIssuer([ours(text)], 4455).issuer).toBe(issuer);
  expect(findRealIssuer([ofApp(text)], 4455).issuer).toBe(issuer);
});

describe("this tool's own issuer", () => {
  test.each([
    "http://localhost:4455",
    "http://localhost:4455/",
    "http://LOCALHOST:4455",
    "https://localhost:4455",
    "localhost:4455",
    "http://127.0.0.1:4455",
    "http://127.1.2.3:4455",
    "http://[::1]:4455",
    "http://app.localhost:4455/tenant",
  ])("named as %s is not the real one", (text) => {
    expect(findRealIssuer([ofApp(text)], 4455)).toEqual({
      issuer: null,
      origin: undefined,
      ourselves: ["KINDE_ISSUER_URL (.env)"],
    });
  });

  test.each([
    ["http://localhost", 80],
    ["https://localhost", 443],
    ["localhost", 443],
  ])("is %s on port %i", (text, port) => {
    expect(findRealIssuer([ofApp(text)], port).issuer).toBeNull();
    expect(findRealIssuer([ofApp(text)], port + 1).issuer).not.toBeNull();
  });

  test("is passed over for the next, and every place that names it is told", () => {
    const candidates = [
      ours("http://localhost:4455", "state.json"),
      ofApp("http://127.0.0.1:4455", "KINDE_ISSUER_URL"),
      ofApp("acme.kinde.com", "KINDE_DOMAIN"),
      ofApp("https://never.read", "later"),
    ];
    expect(findRealIssuer(candidates, 4455)).toEqual({
      issuer: acme,
      origin: "KINDE_DOMAIN",
      ourselves: ["state.json", "KINDE_ISSUER_URL"],
    });
  });
});

describe("what is no issuer", () => {
  test.each(["http://acme.kinde.com", "http://host.docker.internal:4455", "ftp://acme.kinde.com", "", "a b"])(
    "%j is refused where it was written for us, and passed over where it was written for the app",
    (text) => {
      expect(() => findRealIssuer([ours(text)], 4455)).toThrow(
        expect.objectContaining({ code: "ERR_INVALID_OPTION", option: "--issuer" }),
      );
      expect(findRealIssuer([ofApp(text), ofApp(acme, "next")], 4455)).toEqual({
        issuer: acme,
        origin: "next",
        ourselves: [],
      });
    },
  );

  test("is not looked at behind the one that wins", () => {
    expect(findRealIssuer([ours(acme), ours("no issuer", "config")], 4455).issuer).toBe(acme);
  });
});
