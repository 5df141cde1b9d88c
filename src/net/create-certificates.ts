/**
 * A certificate for the servers of this machine, and the CA that vouches for it and can for nothing else.
 * Source: RFC 5280 (sections 4.1 and 4.2); RFC 5758, section 3.2 (ECDSA with SHA-256); RFC 7093, section 2 (key identifiers).
 */
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  NameConstraints,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from "@peculiar/asn1-x509";
import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { isIPv6 } from "node:net";
import type { LocalCertificates } from "./local-certificates.ts";

export interface CreateCertificatesOptions {
  readonly hostname: string;
  /** Of either family. */
  readonly addresses: readonly string[];
  /** Epoch milliseconds. */
  readonly now: number;
  readonly randomBytes: (size: number) => Uint8Array;
}

const lifetimeMs = 90 * 24 * 60 * 60_000;
// Clients in a container or a virtual machine may be behind.
const backdatedMs = 60 * 60_000;

/** Makes both, each with a key of its own. The CA's key is dropped: it vouches for nothing more. */
export function createCertificates(options: CreateCertificatesOptions): LocalCertificates {
  const { hostname, addresses } = options;
  // A new CA has a new name, so that clients which trust an older one too don't take one for the other.
  const caName = nameOf(`kinde-devhook local CA ${Buffer.from(options.randomBytes(4)).toString("hex")}`);
  const issuer: Issuer = { ...createKeyPair(), name: caName };
  const server = createKeyPair();
  const names = [
    new GeneralName({ dNSName: hostname }),
    ...addresses.map((iPAddress) => new GeneralName({ iPAddress })),
  ];
  const permitted = [
    new GeneralName({ dNSName: hostname }),
    // Each address alone: a network of one.
    ...addresses.map((address) => new GeneralName({ iPAddress: `${address}/${isIPv6(address) ? 128 : 32}` })),
  ];
  const ca = issue(options, issuer, caName, issuer.publicKey, [
    extension(
      id_ce_nameConstraints,
      new NameConstraints({ permittedSubtrees: new GeneralSubtrees(permitted.map(subtreeOf)) }),
      "critical",
    ),
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 }), "critical"),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign), "critical"),
    // Names of other kinds, as of mail, are not constrained by those above: the CA is for servers alone.
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth])),
  ]);
  const certificate = issue(options, issuer, nameOf(hostname), server.publicKey, [
    extension(id_ce_subjectAltName, new SubjectAlternativeName(names)),
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), "critical"),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), "critical"),
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth])),
  ]);
  return { ca, certificate, key: String(server.privateKey.export({ type: "pkcs8", format: "pem" })) };
}

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

interface Issuer extends KeyPair {
  readonly name: Name;
}

const ecdsaWithSha256 = new AlgorithmIdentifier({ algorithm: "1.2.840.10045.4.3.2" });

function createKeyPair(): KeyPair {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

/** @returns PEM */
function issue(
  { now, randomBytes }: CreateCertificatesOptions,
  issuer: Issuer,
  subject: Name,
  publicKey: KeyObject,
  extensions: readonly Extension[],
): string {
  const notBefore = new Date(now - backdatedMs);
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: createSerialNumber(randomBytes),
    signature: ecdsaWithSha256,
    issuer: issuer.name,
    validity: new Validity({ notBefore, notAfter: new Date(now + lifetimeMs) }),
    subject,
    subjectPublicKeyInfo: publicKeyInfo(publicKey),
    extensions: new Extensions([
      ...extensions,
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdentifier(publicKey))),
      extension(
        id_ce_authorityKeyIdentifier,
        new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyIdentifier(issuer.publicKey)) }),
      ),
    ]),
  });
  const signature = sign("sha256", Buffer.from(AsnConvert.serialize(tbsCertificate)), issuer.privateKey);
  const certificate = new Certificate({
    tbsCertificate,
    signatureAlgorithm: ecdsaWithSha256,
    signatureValue: bytesOf(signature),
  });
  return encodePem(AsnConvert.serialize(certificate));
}

/** Positive, not zero, and of 16 octets: at most 20 are allowed. */
function createSerialNumber(randomBytes: CreateCertificatesOptions["randomBytes"]): ArrayBuffer {
  const serial = Buffer.from(randomBytes(16));
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  return bytesOf(serial);
}

function publicKeyInfo(publicKey: KeyObject): SubjectPublicKeyInfo {
  return AsnConvert.parse(publicKey.export({ type: "spki", format: "der" }), SubjectPublicKeyInfo);
}

function keyIdentifier(publicKey: KeyObject): ArrayBuffer {
  const bits = Buffer.from(publicKeyInfo(publicKey).subjectPublicKey);
  return bytesOf(createHash("sha256").update(bits).digest().subarray(0, 20));
}

function nameOf(commonName: string): Name {
  const attribute = new AttributeTypeAndValue({
    type: "2.5.4.3",
    value: new AttributeValue({ utf8String: commonName }),
  });
  return new Name([new RelativeDistinguishedName([attribute])]);
}

function subtreeOf(base: GeneralName): GeneralSubtree {
  return new GeneralSubtree({ base });
}

function extension(extnID: string, value: object, criticality?: "critical"): Extension {
  return new Extension({
    extnID,
    critical: criticality === "critical",
    extnValue: new OctetString(AsnConvert.serialize(value)),
  });
}

/** A buffer of its own: those of Node may be parts of a larger one. */
function bytesOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function encodePem(der: ArrayBuffer): string {
  const lines = Buffer.from(der)
    .toString("base64")
    .replaceAll(/.{1,64}/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`;
}
