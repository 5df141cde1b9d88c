import { loadCertificateMaker, type LocalCertificates } from "../../src/net/local-certificates.ts";

/** Certificates as they are made for this machine. */
export async function makeCertificates(now: number = Date.now()): Promise<LocalCertificates> {
  const make = await loadCertificateMaker();
  return make(now);
}
