import { createPrivateKey, X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createCertificates } from "../../src/net/create-certificates.ts";
import { createTemporaryDirectory, type TemporaryDirectory } from "../helpers/temporary-directory.ts";
import { isOpensslExpected, newKey, openssl } from "./openssl.ts";

const now = Date.parse("2026-03-04T05:06:07Z");
const randomBytes = (size: number): Uint8Array => new Uint8Array(size).fill(0xab);
const made = createCertificates({
  hostname: "localhost",
  addresses: ["127.0.0.1", "::1"],
  now,
  randomBytes,
});
const ca = new X509Certificate(made.ca);
const server = new X509Certificate(made.certificate);

/** RFC 5280, section 4.2.1.10, in DER: critical, and nothing permitted but localhost and its two addresses. */
const nameConstraints = der(
  0x30,
  Buffer.from("0603551d1e", "hex"),
  Buffer.from("0101ff", "hex"),
  der(
    0x04,
    der(
      0x30,
      der(
        0xa0,
        der(0x30, der(0x82, Buffer.from("localhost"))),
        der(0x30, der(0x87, Buffer.from([127, 0, 0, 1, 255, 255, 255, 255]))),
        der(0x30, der(0x87, Buffer.concat([Buffer.alloc(15), Buffer.from([1]), Buffer.alloc(16, 0xff)]))),
      ),
    ),
  ),
);

describe("the CA", () => {
  test("may vouch for localhost, 127.0.0.1 and ::1, and nothing else", () => {
    expect(ca.raw.includes(nameConstraints)).toBe(true);
  });

  test("may sign certificates of servers, and no other CA's", () => {
    expect(ca.ca).toBe(true);
    // Critical: CA, with a path length of 0; keyCertSign alone.
    expect(ca.raw.includes(Buffer.from("0603551d130101ff040830060101ff020100", "hex"))).toBe(true);
    expect(ca.raw.includes(Buffer.from("0603551d0f0101ff040403020204", "hex"))).toBe(true);
    expect(ca.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  });

  test("is signed by itself, with a key that is not the server's", () => {
    expect(ca.checkIssued(ca) && ca.verify(ca.publicKey)).toBe(true);
    expect(ca.checkPrivateKey(createPrivateKey(made.key))).toBe(false);
  });

  test("is of another name each time, and its key is in none of what comes back", () => {
    expect(ca.subject).toBe("CN=kinde-devhook local CA abababab");
    expect(Object.keys(made).toSorted()).toEqual(["ca", "certificate", "key"]);
    expect(
      Object.values(made)
        .join("")
        .match(/PRIVATE KEY/g),
    ).toHaveLength(2);
  });
});

describe("the certificate", () => {
  test("is the server's, signed by the CA", () => {
    expect(server.checkIssued(ca) && server.verify(ca.publicKey)).toBe(true);
    expect(server.checkPrivateKey(createPrivateKey(made.key))).toBe(true);
    expect(server.ca).toBe(false);
    expect(server.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  });

  test("is for localhost in both families", () => {
    expect(server.subjectAltName).toBe("DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1");
  });
});

test.each([
  ["CA", ca],
  ["certificate", server],
])(
  "the %s is good for 90 days, and was an hour ago, on the curve P-256",
  (_, { validFrom, validTo, publicKey }) => {
    expect(new Date(validFrom).toISOString()).toBe("2026-03-04T04:06:07.000Z");
    expect(new Date(validTo).toISOString()).toBe("2026-06-02T05:06:07.000Z");
    expect(publicKey.asymmetricKeyType).toBe("ec");
    expect(publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
  },
);

test("serial numbers are positive, whatever is drawn", () => {
  for (const byte of [0x00, 0xff]) {
    const { certificate } = createCertificates({
      hostname: "localhost",
      addresses: ["127.0.0.1"],
      now,
      randomBytes: (size) => new Uint8Array(size).fill(byte),
    });
    expect(new X509Certificate(certificate).serialNumber).toMatch(/^[4-7]/);
  }
});

describe.skipIf(!isOpensslExpected)("openssl", () => {
  test.each(["-verify_hostname localhost", "-verify_ip 127.0.0.1", "-verify_ip ::1"])(
    "takes it by the letter of RFC 5280: %s",
    (name) => {
      using temporary = createTemporaryDirectory();
      const verdict = verify(temporary, made.ca, made.certificate, ...name.split(" "));
      expect(verdict).toEqual({ code: 0, output: expect.stringMatching(/: OK\s*$/) });
    },
  );

  test("finds the name constraints in it", () => {
    using temporary = createTemporaryDirectory();
    const { output } = openssl("x509", "-in", write(temporary, "ca.pem", made.ca), "-noout", "-text");
    expect(output.replaceAll(/\s+/g, " ")).toContain(
      "Name Constraints: critical Permitted: DNS:localhost " +
        "IP:127.0.0.1/255.255.255.255 IP:0:0:0:0:0:0:0:1/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF",
    );
  });

  test.each([
    ["DNS:localhost", true],
    ["DNS:app.localhost", true],
    ["IP:127.0.0.1", true],
    ["IP:::1", true],
    ["DNS:evil.example", false],
    ["DNS:notlocalhost", false],
    ["DNS:localhost,DNS:acme.kinde.com", false],
    ["IP:127.0.0.2", false],
    ["IP:10.0.0.1", false],
    ["IP:::2", false],
  ])("of a CA with the same constraints, takes a certificate for %s: %s", (names, isTaken) => {
    using temporary = createTemporaryDirectory();
    const paths = ["ca.key", "ca.crt", "server.key", "server.csr", "server.crt"] as const;
    const [caKey, caPath, key, order, path] = paths.map((name) => join(temporary.path, name));
    // Ours has no key any more: this one has its extension, byte for byte.
    const value = extensionValue(ca.raw).toString("hex").replaceAll(/../g, ":$&").slice(1);
    const extensions = write(temporary, "names.cnf", `subjectAltName=${names}\n`);
    const request = ["req", ...newKey, "-nodes", "-keyout"];
    const constraint = `2.5.29.30=critical,DER:${value}`;
    openssl(...request, caKey!, "-x509", "-subj", "/CN=CA", "-addext", constraint, "-out", caPath!);
    openssl(...request, key!, "-subj", "/O=somebody", "-out", order!);
    const signing = [
      "-in",
      order!,
      "-CA",
      caPath!,
      "-CAkey",
      caKey!,
      "-CAcreateserial",
      "-extfile",
      extensions,
    ];
    const signed = openssl("x509", "-req", ...signing, "-out", path!);
    expect(signed.code).toBe(0);
    const { code, output } = openssl("verify", "-CAfile", caPath!, path!);
    const isRefused = code !== 0 && output.includes("permitted subtree violation");
    expect({ isTaken: code === 0, isRefused }).toEqual({ isTaken, isRefused: !isTaken });
  });
});

function verify(temporary: TemporaryDirectory, caPem: string, pem: string, ...more: readonly string[]) {
  const [caPath, path] = [write(temporary, "ca.pem", caPem), write(temporary, "server.pem", pem)];
  const at = ["-attime", String(now / 1000)];
  return openssl("verify", "-x509_strict", "-purpose", "sslserver", ...at, ...more, "-CAfile", caPath, path);
}

function write(temporary: TemporaryDirectory, name: string, content: string): string {
  const path = join(temporary.path, name);
  writeFileSync(path, content);
  return path;
}

/** What the certificate itself has as its name constraints. */
function extensionValue(raw: Buffer): Buffer {
  const begin = raw.indexOf(Buffer.from("0603551d1e0101ff04", "hex")) + 9;
  return raw.subarray(begin + 1, begin + 1 + raw[begin]!);
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
}
