/** The table of hints, row by row, with an app that does what the row is about. */
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Attempt } from "../../src/delivery/delivery.ts";
import type { HintContext } from "../../src/delivery/hint-row.ts";
import { hintFor, hints } from "../../src/delivery/hints.ts";
import { send } from "../../src/delivery/send.ts";
import { createEvent } from "../../src/kinde/events.ts";
import { signEvent } from "../../src/kinde/sign.ts";
import { signingKey } from "../helpers/keys.ts";
import { openHttpsApp, sceneIssuer, scenes, type Scene } from "./hint-scenes.ts";
import { sampleAttempt } from "./sample-delivery.ts";

const context: HintContext = {
  localIssuer: sceneIssuer,
  hasFetchedJwks: true,
  expectedStatus: 200,
  endpointOption: "--to",
};
const realIssuer = "https://acme.kinde.com";

/** What comes of a webhook that is signed as it should be. */
async function attemptAt(
  url: URL,
  { timeoutMs = 10_000, maxAnswerBytes }: Partial<Scene> = {},
): Promise<Attempt> {
  const event = createEvent("user.created", {}, { now: Date.now(), randomBytes });
  const body = Buffer.from(await signEvent(event, signingKey));
  const { attempt } = await send(
    url,
    {
      method: "POST",
      headers: { "content-type": "application/jwt", "content-length": String(body.length) },
      body,
    },
    {
      number: 1,
      plannedDelayMs: 0,
      now: Date.now(),
      timeoutMs,
      ...(maxAnswerBytes !== undefined && { maxAnswerBytes }),
    },
  );
  return attempt;
}

test("every row has a name of its own", () => {
  const names = hints.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.toSorted()).toEqual(Object.keys(scenes).toSorted());
});

test.each(hints.map((row) => [row.name, row.answer, row.meaning] as const))("%s (%s): %s", async (name) => {
  const scene = scenes[name];
  await using app = await scene.open();
  const hint = hintFor(await attemptAt(app.url, scene), { ...context, ...scene.context });
  expect(hint?.name).toBe(name);
  for (const phrase of scene.says) expect(hint?.message).toContain(phrase);
});

test("an https server that plain http comes to ends the connection or speaks no HTTP: both hints say https", async () => {
  await using app = await openHttpsApp();
  expect(hintFor(await attemptAt(app.url), context)?.message).toContain("https");
});

describe("a 400 on a token that verifies here", () => {
  const refused = sampleAttempt({ status: 400 });
  const issuerOf = (value: string): Partial<HintContext> => ({
    appIssuer: { value, origin: "KINDE_ISSUER_URL (.env)" },
  });
  const messageFor = (known: Partial<HintContext>): string =>
    hintFor(refused, { ...context, hasFetchedJwks: false, ...known })!.message;

  test.each([
    ["of ours, and the app trusts Kinde", issuerOf(realIssuer), "this project's own key signed the event"],
    ["of ours, and the app asks another port", issuerOf("http://127.0.0.1:4461"), "--issuer-port 4461"],
    ["of ours, and the variable has no scheme", issuerOf("localhost"), "is no URL"],
    [
      "of Kinde's, and the app trusts another tenant",
      { signer: realIssuer, ...issuerOf("https://other.kinde.com") },
      `${realIssuer} signed the event`,
    ],
  ])("%s, names the variable and the issuer that has the key", (_, known, phrase) => {
    const message = messageFor(known);
    expect(message).toContain("KINDE_ISSUER_URL (.env) is ");
    expect(message).toContain(`KINDE_ISSUER_URL=${sceneIssuer}`);
    expect(message).toContain(phrase);
  });

  test.each([
    ["the app trusts Kinde itself, whose event it is", { signer: realIssuer, ...issuerOf(`${realIssuer}/`) }],
    ["the app trusts the local issuer", issuerOf(sceneIssuer)],
    [
      "the app is in a container, where this machine has another name",
      issuerOf("http://host.docker.internal:4460"),
    ],
    [
      "the app has fetched the JWKS, whatever the file says",
      { hasFetchedJwks: true, ...issuerOf(realIssuer) },
    ],
    ["nobody knows what the app trusts", {}],
  ])("does not blame the variable where %s: it asks for decodeWebhook's second argument", (_, known) => {
    const message = messageFor(known);
    expect(message).not.toContain("signed the event");
    expect(message).toContain("decodeWebhook(body, process.env.KINDE_ISSUER_URL)");
    expect(message).toContain("raw body");
  });

  test("does not miss a request for our JWKS where Kinde's own verifies the event", () => {
    expect(messageFor({ signer: realIssuer, ...issuerOf(realIssuer) })).not.toContain("has not fetched");
    expect(messageFor({ signer: realIssuer })).toContain(`or with ${realIssuer}`);
  });
});

test.each([
  ["with JSON's quotes escaped", '{"error":"unexpected \\"iss\\" claim value"}', "claim-asked"],
  ["of jsonwebtoken", "jwt issuer invalid. expected: https://acme.kinde.com", "claim-asked"],
  ["of jwks-rsa", "Unable to find a signing key that matches '00:01'", "key-missing"],
  ["of an older Node", "SyntaxError: Unexpected token e in JSON at position 0", "json-parser"],
  ["of a wrong signature", "signature verification failed", "failed"],
])("a 500 with an error %s is recognised by it", (_, body, name) => {
  const response = { headers: {}, body, truncated: false };
  expect(hintFor(sampleAttempt({ status: 500, response }), context)?.name).toBe(name);
});

test.each([400, 401, 403, 404, 415, 422, 429, 500, 501, 503])(
  "nothing is said of %i where it is expected",
  (status) => {
    const response = { headers: {}, body: "Unexpected token 'e' is not valid JSON", truncated: false };
    expect(
      hintFor(sampleAttempt({ status, response }), { ...context, expectedStatus: status }),
    ).toBeUndefined();
  },
);
