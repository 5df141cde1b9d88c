/** Whether the keys of Kinde's issuer can be had. */
import { jwksPaths, parseJwks } from "../../kinde/jwks.ts";
import { RequestError } from "../../net/request-error.ts";
import type { RealIssuer } from "../../trust/real-issuer.ts";
import { adviseOnFailure, type Answer, type Ask } from "./ask.ts";
import { fail, pass, warn, type Finding } from "./finding.ts";

const domainAdvice = "Is that your Kinde domain, as in --issuer https://acme.kinde.com?";

/**
 * @param proxy the variable that names a proxy, if one does
 * @throws {DevhookError} `ERR_JWKS_INVALID`
 */
export async function checkRealIssuer(
  { issuer, origin, ourselves }: RealIssuer,
  ask: Ask,
  proxy: string | undefined,
): Promise<Finding> {
  if (issuer === null) {
    const why = ourselves.length === 0 ? "" : `; ${ourselves.join(" and ")} names this tool's own`;
    return warn(
      "WARN_NO_ISSUER",
      `none is named${why}`,
      "Without it `tunnel` lets in what this project emits, and nothing of Kinde's. Tell it once: --issuer https://acme.kinde.com.",
    );
  }
  const whose = `${issuer} (${origin === "state.json" ? "remembered" : origin})`;
  let answer: Answer;
  try {
    answer = await askForJwks(issuer, ask);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return fail(
      "ERR_JWKS_UNREACHABLE",
      `${whose} can't be reached: ${error.message}`,
      adviseOnFailure(error, new URL(issuer), proxy, "--issuer https://acme.kinde.com"),
    );
  }
  const { status, body } = answer.response;
  if (status !== 200) {
    return fail("ERR_JWKS_UNREACHABLE", `${whose} answers ${status} where its keys should be`, domainAdvice);
  }
  const usable = parseJwks(parseJson(body), issuer).keys.length;
  if (usable === 0) {
    const none = `${whose} has no key that may sign webhooks (RSA, "use": "sig")`;
    return fail("ERR_JWKS_INVALID", none, domainAdvice);
  }
  return pass(`${whose} has ${usable} ${usable === 1 ? "key" : "keys"} that may sign webhooks`);
}

/** The answer at the first path that has it, else the last. @throws {RequestError} */
async function askForJwks(issuer: string, ask: Ask): Promise<Answer> {
  let answer = await ask(jwksUrlOf(issuer));
  for (const path of jwksPaths.slice(1)) {
    if (answer.response.status === 200) break;
    answer = await ask(new URL(issuer + path));
  }
  return answer;
}

/** Where an issuer's keys are looked for first. */
export function jwksUrlOf(issuer: string): URL {
  return new URL(issuer + jwksPaths[0]);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}
