import { describe, expect, test } from "vitest";
import { checkCredentials } from "../../../src/app/diagnoses/credentials.ts";
import type { Finding } from "../../../src/app/diagnoses/finding.ts";
import { findFreePort } from "../../helpers/free-port.ts";
import { startReceiver, type Answer } from "../../helpers/receiver.ts";
import { variablesOf } from "./verdicts.ts";

const both = { KINDE_MANAGEMENT_CLIENT_ID: "client-1", KINDE_MANAGEMENT_CLIENT_SECRET: "secret-of-client-1" };

async function check(values: Readonly<Record<string, string>>, realIssuer: string | null): Promise<Finding> {
  const options = { variable: variablesOf(values), realIssuer, limitMs: 5_000 };
  const finding = await checkCredentials(options, new AbortController().signal);
  expect(JSON.stringify(finding)).not.toMatch(/client-1|token-of-client/);
  return finding;
}

/** What a token endpoint answers. */
function answerOf(status: number, body: unknown): Answer {
  return (response) => void response.writeHead(status).end(JSON.stringify(body));
}

describe("credentials", () => {
  test("that nobody has set are passed over", async () => {
    expect(await check({}, "http://localhost:1")).toMatchObject({ verdict: "skip" });
  });

  test.each(Object.keys(both))("of which %s alone is set must be completed", async (name) => {
    expect(await check({ [name]: "client-1" }, null)).toMatchObject({
      verdict: "fail",
      code: "ERR_CREDENTIALS_INCOMPLETE",
      message: expect.stringContaining(name),
    });
  });

  test("without an issuer can't be tried", async () => {
    expect(await check(both, null)).toMatchObject({ verdict: "skip" });
  });

  test.each([
    ["KINDE_MANAGEMENT_CLIENT", both],
    ["KINDE_M2M_CLIENT", { KINDE_M2M_CLIENT_ID: "client-1", KINDE_M2M_CLIENT_SECRET: "secret-of-client-1" }],
  ])("of %s pass when they get a token, which is asked for as Kinde's docs say", async (_prefix, values) => {
    await using kinde = await startReceiver({
      answers: [answerOf(200, { access_token: "token-of-client" })],
    });
    const issuer = new URL(kinde.url).origin;
    expect(await check(values, issuer)).toMatchObject({ verdict: "pass" });
    const { method, url, headers, body } = await kinde.next();
    expect({ method, url, type: headers["content-type"] }).toEqual({
      method: "POST",
      url: "/oauth2/token",
      type: "application/x-www-form-urlencoded",
    });
    expect(Object.fromEntries(new URLSearchParams(body.toString()))).toEqual({
      grant_type: "client_credentials",
      client_id: "client-1",
      client_secret: "secret-of-client-1",
      audience: `${issuer}/api`,
    });
  });

  test.each<[string, Answer, Finding["verdict"], string]>([
    ["refused with 401", answerOf(401, { error: "invalid_client" }), "fail", "ERR_CREDENTIALS_REFUSED"],
    ["refused with 403", answerOf(403, "client-1 may not"), "fail", "ERR_CREDENTIALS_REFUSED"],
    ["refused with 400", answerOf(400, { error: "invalid_client" }), "fail", "ERR_CREDENTIALS_REFUSED"],
    ["of another audience", answerOf(400, { error: "invalid_request" }), "warn", "WARN_CREDENTIALS_UNTRIED"],
    [
      "refused with words that repeat them",
      answerOf(400, { error: "secret-of-client-1 is wrong" }),
      "warn",
      "WARN_CREDENTIALS_UNTRIED",
    ],
    ["answered 429", answerOf(429, {}), "warn", "WARN_CREDENTIALS_UNTRIED"],
    ["answered without a token", answerOf(200, {}), "warn", "WARN_CREDENTIALS_UNTRIED"],
    ["sent elsewhere", answerOf(302, {}), "warn", "WARN_CREDENTIALS_UNTRIED"],
  ])("that are %s come to their verdict", async (_what, answer, verdict, code) => {
    await using kinde = await startReceiver({ answers: [answer] });
    expect(await check(both, new URL(kinde.url).origin)).toMatchObject({ verdict, code });
    expect(kinde.requests).toHaveLength(1);
  });

  test("are not tried to the end where nobody answers", async () => {
    const absent = `http://localhost:${await findFreePort()}`;
    expect(await check(both, absent)).toMatchObject({ verdict: "warn", code: "WARN_CREDENTIALS_UNTRIED" });
  });
});
