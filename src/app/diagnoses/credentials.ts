/** Whether the credentials of the Management API get a token. Neither they nor the token are ever shown. */
import { isJsonObject } from "../../kinde/json.ts";
import { RequestError } from "../../net/request-error.ts";
import { request, type Response } from "../../net/request.ts";
import type { Settings } from "../../project/settings.ts";
import { fail, pass, skip, warn, type Finding } from "./finding.ts";

/** The names under which apps keep them: Kinde docs, "Connect to Kinde API", and its SDKs. */
const prefixes = ["KINDE_MANAGEMENT_CLIENT", "KINDE_M2M_CLIENT"] as const;
const maxBodyBytes = 1 << 16;
const errorCodes = [
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
];
const appAdvice =
  "In Kinde they stand under Settings, Applications, with the machine to machine application.";

export interface CredentialsOptions {
  readonly variable: Settings["variable"];
  readonly realIssuer: string | null;
  readonly limitMs: number;
}

export async function checkCredentials(
  { variable, realIssuer, limitMs }: CredentialsOptions,
  signal: AbortSignal,
): Promise<Finding> {
  const pairs = prefixes.map((prefix) => ({
    prefix,
    id: variable(`${prefix}_ID`),
    secret: variable(`${prefix}_SECRET`),
  }));
  const pair = pairs.find(({ id, secret }) => id !== undefined || secret !== undefined);
  if (pair === undefined) {
    return skip(`no ${prefixes[0]}_ID is set; only what calls Kinde's Management API needs one`);
  }
  const { prefix, id, secret } = pair;
  if (id === undefined || secret === undefined) {
    const [there, missing] = id === undefined ? ["SECRET", "ID"] : ["ID", "SECRET"];
    const message = `${prefix}_${there} is set, and ${prefix}_${missing} is not`;
    return fail("ERR_CREDENTIALS_INCOMPLETE", message, `Set both, or neither. ${appAdvice}`);
  }
  const names = `${id.origin} and _SECRET`;
  if (realIssuer === null) return skip(`${names} are set, and no issuer to try them at`);
  try {
    const form = { client_id: id.value, client_secret: secret.value };
    return judge(await requestToken(realIssuer, form, limitMs, signal), names, realIssuer);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const message = `${names} could not be tried: ${error.message}`;
    return warn("WARN_CREDENTIALS_UNTRIED", message, "What the check of the issuer says comes first.");
  }
}

/** Source: Kinde docs, "M2M tokens"; RFC 6749, section 4.4. @throws {RequestError} */
async function requestToken(
  issuer: string,
  credentials: Readonly<Record<string, string>>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Response> {
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    ...credentials,
    audience: `${issuer}/api`,
  });
  return await request(new URL(`${issuer}/oauth2/token`), {
    method: "POST",
    headers: {
      accept: "application/json",
      "content-type": "application/x-www-form-urlencoded",
      "user-agent": `kinde-devhook/${__VERSION__}`,
    },
    body: Buffer.from(form.toString()),
    timeoutMs,
    maxBodyBytes,
    signal,
  });
}

function judge(response: Response, names: string, issuer: string): Finding {
  const { status } = response;
  const answer = parseJson(response);
  const hasToken = status === 200 && typeof answer["access_token"] === "string";
  if (hasToken) return pass(`${names} get a token of ${issuer}`);
  // RFC 6749, section 5.2; anything else might repeat what was sent.
  const error = errorCodes.find((code) => code === answer["error"]);
  const told = `${status}${error === undefined ? "" : `, ${error}`}`;
  if (status === 401 || status === 403 || error === "invalid_client" || error === "unauthorized_client") {
    return fail(
      "ERR_CREDENTIALS_REFUSED",
      `${issuer} refuses ${names} (${told})`,
      `Are they of this environment, and is the application authorised for the Kinde Management API? ${appAdvice}`,
    );
  }
  if (status === 400) {
    return warn(
      "WARN_CREDENTIALS_UNTRIED",
      `${names} get no token for ${issuer}/api (${told})`,
      "Behind a domain of your own the API is still that of acme.kinde.com: try --issuer https://acme.kinde.com.",
    );
  }
  return warn(
    "WARN_CREDENTIALS_UNTRIED",
    `${issuer} answers ${status} to a request for a token`,
    "Is that the issuer's URL, as in https://acme.kinde.com?",
  );
}

function parseJson({ body }: Response): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(body.toString());
    return isJsonObject(answer) ? answer : {};
  } catch {
    return {};
  }
}
