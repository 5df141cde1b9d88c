/** An app on https with a certificate that nobody trusts, as development servers make them. */
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";

export interface SelfSignedApp extends AsyncDisposable {
  /** `https://localhost:<port>`. */
  readonly origin: string;
  /** How many requests came. */
  readonly count: () => number;
}

/** Answers every request 200. @param wantedPort any free one without */
export async function startSelfSignedApp(wantedPort = 0): Promise<SelfSignedApp> {
  let count = 0;
  const server = createServer(selfSigned, (request, response) => {
    count++;
    request.resume();
    response.end();
  });
  server.listen(wantedPort, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    count: () => count,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

// Made once for this test, with nothing to protect: openssl req -x509 -newkey ec -days 36500 -subj /CN=localhost.
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgvIft4kV91QMnxP4E
qgqkz19eHTdis9WgvfuAfcUivX6hRANCAATfReFq+Ap3VnK7y1DmYzZRWfK48fhl
PZCisfLW6Cbc43BU4eG56cxH1rx7C3ZkQpUEFFMIZSSuIY6SOsZlDSwk
-----END PRIVATE KEY-----`;

const cert = `-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUZL61gIp/HqkKBMDmBq8QCQe+/eIwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjEwMTMzNVoYDzIxMjYxMDI5
MTAxMzM1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATfReFq+Ap3VnK7y1DmYzZRWfK48fhlPZCisfLW6Cbc43BU4eG56cxH
1rx7C3ZkQpUEFFMIZSSuIY6SOsZlDSwko28wbTAdBgNVHQ4EFgQUpa/ilxCUwhUK
Z1TFcNEEkGtXmt8wHwYDVR0jBBgwFoAUpa/ilxCUwhUKZ1TFcNEEkGtXmt8wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIgZHc0BkSEc+8Qy8qFF35/4Up2BLItw8pFlNdg8GGgiigCIC++
uQjL3oJPkQm0lLP/XvxEOodwxTgttjX9TwUU/EPh
-----END CERTIFICATE-----`;

/** What such a server is made with. */
export const selfSigned: { readonly key: string; readonly cert: string } = { key, cert };
