/** Certificates that this process makes for itself and keeps in memory. */
import { loadCertificateMaker, type LocalCertificates } from "./local-certificates.ts";

// A test that holds the time of its app does not hold that of TLS, which asks the system.
const { now } = Date;

let made: Promise<LocalCertificates> | undefined;

/** The same for every server of this process: a client may trust the CA before it knows which server it will meet. */
export function processCertificates(): Promise<LocalCertificates> {
  return (made ??= loadCertificateMaker().then((make) => make(now())));
}
