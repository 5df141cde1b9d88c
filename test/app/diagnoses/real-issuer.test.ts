import { createServer } from "node:https";
import { describe, expect, test } from "vitest";
import { adviseOnFailure } from "../../../src/app/diagnoses/ask.ts";
import { checkRealIssuer } from "../../../src/app/diagnoses/real-issuer.ts";
import { exportPrivateJwk } from "../../../src/kinde/signing-key.ts";
import { RequestError } from "../../../src/net/request-error.ts";
import { findFreePort } from "../../helpers/free-port.ts";
import { foreignKey } from "../../helpers/keys.ts";
import { listenOnLoopback } from "../../helpers/listen-on-loopback.mjs";
import { startReceiver } from "../../helpers/receiver.ts";
import { startStandInKinde, type StandInKinde } from "../../helpers/stand-in-kinde.mjs";
import { selfSigned } from "../../net/self-signed.ts";
import { askFreely } from "./verdicts.ts";

async function startKinde(): Promise<StandInKinde> {
  return await startStandInKinde({ privateJwk: exportPrivateJwk(foreignKey) });
}

function namedBy(origin: string, issuer: string): Parameters<typeof checkRealIssuer>[0] {
  return { issuer, origin, ourselves: [] };
}

describe("Kinde's issuer", () => {
  test("passes with its keys counted, and the place that names it", async () => {
    await using kinde = await startKinde();
    await kinde.rotate();
    expect(await checkRealIssuer(namedBy("state.json", kinde.issuer), askFreely(), undefined)).toMatchObject({
      verdict: "pass",
      message: `${kinde.issuer} (remembered) has 2 keys that may sign webhooks`,
    });
  });

  test("passes when its keys are at the second path alone", async () => {
    await using kinde = await startKinde();
    const jwks = await (await fetch(`${kinde.issuer}/.well-known/jwks`)).text();
    await using receiver = await startReceiver({
      answers: [(response, { url }) => void response.writeHead(url.endsWith(".json") ? 200 : 404).end(jwks)],
    });
    const real = namedBy("--issuer", new URL(receiver.url).origin);
    expect((await checkRealIssuer(real, askFreely(), undefined)).verdict).toBe("pass");
  });

  test("that nobody names is to look at, with the flag that names it", async () => {
    const nobody = { issuer: null, origin: undefined, ourselves: ["KINDE_ISSUER_URL (.env)"] };
    expect(await checkRealIssuer(nobody, askFreely(), undefined)).toMatchObject({
      verdict: "warn",
      code: "WARN_NO_ISSUER",
      message: expect.stringContaining("KINDE_ISSUER_URL (.env)"),
      advice: expect.stringContaining("--issuer https://acme.kinde.com"),
    });
  });

  test.each(["error", "empty"] as const)("whose JWKS is answered with %s must be fixed", async (mode) => {
    await using kinde = await startKinde();
    kinde.answerJwksWith(mode);
    expect(await checkRealIssuer(namedBy("--issuer", kinde.issuer), askFreely(), undefined)).toMatchObject({
      verdict: "fail",
      code: mode === "error" ? "ERR_JWKS_UNREACHABLE" : "ERR_JWKS_INVALID",
    });
  });

  test("that answers a page is the error that it is no JWKS", async () => {
    await using kinde = await startKinde();
    kinde.answerJwksWith("html");
    await expect(
      checkRealIssuer(namedBy("--issuer", kinde.issuer), askFreely(), undefined),
    ).rejects.toMatchObject({
      code: "ERR_JWKS_INVALID",
    });
  });

  test("that hangs is given up in time", async () => {
    await using kinde = await startKinde();
    kinde.answerJwksWith("never");
    expect(await checkRealIssuer(namedBy("--issuer", kinde.issuer), askFreely(100), undefined)).toMatchObject(
      {
        verdict: "fail",
        code: "ERR_JWKS_UNREACHABLE",
        message: expect.stringContaining("no answer within"),
      },
    );
  });

  test("that does not listen, or has a certificate that nobody vouches for, must be fixed", async () => {
    const absent = namedBy("--issuer", `http://localhost:${await findFreePort()}`);
    expect(await checkRealIssuer(absent, askFreely(), undefined)).toMatchObject({
      code: "ERR_JWKS_UNREACHABLE",
    });
    const { port, close } = await listenOnLoopback(0, () => createServer(selfSigned));
    try {
      const untrusted = namedBy("--issuer", `https://localhost:${port}`);
      expect(await checkRealIssuer(untrusted, askFreely(), undefined)).toMatchObject({
        code: "ERR_JWKS_UNREACHABLE",
        message: expect.stringContaining("TLS"),
      });
    } finally {
      await close();
    }
  });
});

describe("the advice for a server that can't be reached", () => {
  const elsewhere = new URL("https://acme.kinde.com");

  test.each([
    ["names a proxy that is set", "ERR_TIMEOUT", elsewhere, "HTTPS_PROXY", /HTTPS_PROXY is set/],
    ["names none that is not", "ERR_TIMEOUT", elsewhere, undefined, /^(?!.*is set)/],
    ["is a CA where TLS fails", "ERR_TLS", elsewhere, "HTTPS_PROXY", /NODE_EXTRA_CA_CERTS/],
    ["is to start it on this machine", "ERR_TIMEOUT", new URL("http://localhost:1"), "HTTPS_PROXY", /^Start/],
  ] as const)("%s", (_what, code, url, proxy, expected) => {
    expect(adviseOnFailure(new RequestError(code, "it failed"), url, proxy, "--issuer x")).toMatch(expected);
  });
});
