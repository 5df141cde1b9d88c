import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expiryOf, type LocalCertificates } from "../../src/net/local-certificates.ts";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";
import { isOpensslExpected, newKey, openssl } from "./openssl.ts";
import { makeCertificates } from "./test-certificates.ts";

const dayMs = 24 * 60 * 60_000;
const now = Date.parse("2026-03-04T05:06:07Z");
const made = await makeCertificates(now);
const others = await makeCertificates(now);

test("certificates have an end: 90 days after they were made", () => {
  const expiry = Date.parse(new X509Certificate(made.certificate).validTo);
  expect(expiry).toBe(now + 90 * dayMs);
  for (const at of [now, now + 50 * dayMs, expiry - 1]) expect(expiryOf(made, at)).toBe(expiry);
});

describe("of no use are certificates", () => {
  test.each([
    ["that have expired", now + 90 * dayMs],
    ["of later than now: the clock was set back", now - 2 * 60 * 60_000],
  ])("%s", (_, at) => {
    expect(expiryOf(made, at)).toBeUndefined();
  });

  test.each([
    ["with the CA of others", { ...made, ca: others.ca }],
    ["with the key of others", { ...made, key: others.key }],
    ["with the certificate of others", { ...made, certificate: others.certificate }],
    ["whose CA is no CA", { ...made, ca: made.certificate }],
    ["that are cut off", { ...made, certificate: made.certificate.slice(0, -80) }],
    ["with a changed character", { ...made, ca: made.ca.replace(/(?<=\n.{40})./, "!") }],
    ["that are none", { ca: "", certificate: "", key: "" }],
  ])("%s", (_, certificates) => {
    expect(expiryOf(certificates, now)).toBeUndefined();
  });

  test.skipIf(!isOpensslExpected)(
    "whose CA could vouch for any name, though all else is as it should be",
    () => {
      const names = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1";
      const [constrained, unconstrained] = [
        createByOpenssl(names, "nameConstraints=critical,permitted;DNS:localhost"),
        createByOpenssl(names),
      ];
      expect(expiryOf(constrained, Date.now())).toEqual(expect.any(Number));
      expect(expiryOf(unconstrained, Date.now())).toBeUndefined();
    },
  );
});

/** A CA that is a server, too. */
function createByOpenssl(...extensions: readonly string[]): LocalCertificates {
  using temporary = createTemporaryDirectory();
  const [keyPath, path] = [join(temporary.path, "key.pem"), join(temporary.path, "ca.pem")];
  const added = extensions.flatMap((extension) => ["-addext", extension]);
  openssl("req", ...newKey, "-nodes", "-x509", "-subj", "/CN=CA", ...added, "-keyout", keyPath, "-out", path);
  const certificate = readFileSync(path, "utf8");
  return { key: readFileSync(keyPath, "utf8"), ca: certificate, certificate };
}
