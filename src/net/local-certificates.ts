/** The certificate by which servers of this machine answer TLS, and whether one is still good for that. */
import { createPrivateKey, randomBytes, X509Certificate } from "node:crypto";

/** All of it PEM. */
export interface LocalCertificates {
  /** The CA that clients are told to trust: it can vouch for this machine's own names alone. */
  readonly ca: string;
  readonly certificate: string;
  /** The certificate's private key. There is none of the CA. */
  readonly key: string;
}

const hostname = "localhost";
const addresses = ["127.0.0.1", "::1"];

/** @returns what makes certificates; `now` is in epoch milliseconds */
export async function loadCertificateMaker(): Promise<(now: number) => LocalCertificates> {
  // With the library for it, which is large and seldom needed.
  const { createCertificates } = await import("./create-certificates.ts");
  return (now) => createCertificates({ hostname, addresses, now, randomBytes });
}

/**
 * When the first of the certificates expires, in epoch milliseconds.
 * @param now epoch milliseconds
 * @returns `undefined` when they are of no use: over, not yet begun, damaged, or not as they are made here
 */
export function expiryOf({ ca, certificate, key }: LocalCertificates, now: number): number | undefined {
  try {
    const [issuer, server] = [new X509Certificate(ca), new X509Certificate(certificate)];
    const begins = Math.max(Date.parse(issuer.validFrom), Date.parse(server.validFrom));
    const ends = Math.min(Date.parse(issuer.validTo), Date.parse(server.validTo));
    const isUsable =
      begins <= now &&
      now < ends &&
      isConstrained(issuer) &&
      server.checkIssued(issuer) &&
      server.verify(issuer.publicKey) &&
      server.checkPrivateKey(createPrivateKey(key)) &&
      server.checkHost(hostname) !== undefined &&
      addresses.every((address) => server.checkIP(address) !== undefined);
    return isUsable ? ends : undefined;
  } catch {
    return undefined;
  }
}

// The identifier of the name constraints (RFC 5280, section 4.2.1.10), and behind it that they are critical.
const criticalNameConstraints = Buffer.from("0603551d1e0101ff", "hex");

/** Nobody is asked to trust a CA that could vouch for any name. */
function isConstrained(ca: X509Certificate): boolean {
  return ca.ca && ca.raw.includes(criticalNameConstraints);
}
