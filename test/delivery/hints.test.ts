import { describe, expect, test } from "vitest";
import { hintFor, type HintContext } from "../../src/delivery/hints.ts";
import { sampleAttempt } from "./sample-delivery.ts";

const context: HintContext = {
  localIssuer: "http://localhost:4460",
  hasFetchedJwks: true,
  expectedStatus: 200,
  endpointOption: "--to",
};
const issuerVariable = "KINDE_ISSUER_URL=http://localhost:4460";

describe("the hint under an answer", () => {
  test.each([
    [201, ["201", "documents only 200"]],
    [204, ["204", "documents only 200"]],
    [301, ["redirects", "auth middleware"]],
    [302, ["redirects", "auth middleware"]],
    [307, ["redirects", "auth middleware"]],
    [400, ["raw body", issuerVariable]],
    [401, ["auth middleware", issuerVariable]],
    [403, ["auth middleware", issuerVariable]],
    [404, ["/api/webhook", "--to"]],
    [405, ["POST"]],
    [413, ["body limit"]],
    [415, ["application/jwt", "raw body"]],
    [500, ["your app's own output", "event type it does not handle"]],
    [503, ["your app's own output"]],
  ])("%i names the likely cause", (status, phrases) => {
    const hint = hintFor(sampleAttempt({ status }), context);
    for (const phrase of phrases) expect(hint?.message).toContain(phrase);
  });

  test.each([400, 401, 415])("says for %i when the sender's content-type is not Kinde's", (status) => {
    const { request } = sampleAttempt();
    for (const headers of [{ "content-type": "application/json" }, {}]) {
      const hint = hintFor(sampleAttempt({ status, request: { ...request, headers } }), context);
      expect(hint?.message).toMatch(
        /^the sender's content-type was (application\/json|left out), where Kinde's is application\/jwt; /,
      );
    }
    expect(hintFor(sampleAttempt({ status }), context)?.message).not.toContain("the sender's");
  });

  test.each([
    ["--to", "--wait-on"],
    ["--forward", "Kinde tries again"],
  ] as const)("of an app that is down says with %s: %s", (endpointOption, phrase) => {
    const error = { code: "ERR_CONNECTION_REFUSED", message: "nothing listens" };
    const hint = hintFor(sampleAttempt({ status: null, error }), { ...context, endpointOption });
    expect(hint?.message).toContain(phrase);
    expect(hint?.message).toContain(`${endpointOption} http://localhost:3000/api/webhook`);
  });

  test("of an app that is down says that a shield tries again, where the sender has been answered", () => {
    const error = { code: "ERR_CONNECTION_REFUSED", message: "nothing listens" };
    const shielded = { ...context, endpointOption: "--forward", isShielded: true } as const;
    const hint = hintFor(sampleAttempt({ status: null, error }), shielded);
    expect(hint?.message).toContain("it is tried again from here");
    expect(hint?.message).not.toContain("Kinde tries again");
  });

  test("of a redirect says where to", () => {
    const response = { headers: { location: "/login?next=%2F" }, body: "", truncated: false };
    expect(hintFor(sampleAttempt({ status: 302, response }), context)?.message).toContain(
      "to /login?next=%2F",
    );
  });

  test.each([
    ["/api/webhook/", "/api/webhook/"],
    ["http://127.0.0.1:3000/api/webhook/?x=1", "/api/webhook/"],
  ])("of a redirect to %s names the slash at its end, and no middleware", (location, path) => {
    const response = { headers: { location }, body: "", truncated: false };
    const hint = hintFor(sampleAttempt({ status: 308, response }), context);
    expect(hint?.message).toContain(`redirects to ${path}, with or without a slash`);
    expect(hint?.message).not.toContain("middleware");
  });

  test("of 304 is none of a redirect", () => {
    expect(hintFor(sampleAttempt({ status: 304 }), context)).toBeUndefined();
  });

  test.each([201, 202, 204])("warns of %i with a code: WARN_NOT_200", (status) => {
    expect(hintFor(sampleAttempt({ status }), context)?.code).toBe("WARN_NOT_200");
  });

  test.each([302, 400, 404, 500])("has no code of its own for %i", (status) => {
    expect(hintFor(sampleAttempt({ status }), context)).not.toHaveProperty("code");
  });

  test.each([400, 401, 403])(
    "asks first, for %i, whether the app knows our JWKS, if it never fetched it",
    (status) => {
      const { message } = hintFor(sampleAttempt({ status }), { ...context, hasFetchedJwks: false })!;
      expect(message).toContain("has not fetched our JWKS");
      expect(message).toContain(issuerVariable);
    },
  );

  test.each([true, undefined])("does not say so when that is %s", (hasFetchedJwks) => {
    for (const status of [400, 401, 403]) {
      const hint = hintFor(sampleAttempt({ status }), { ...context, hasFetchedJwks });
      expect(hint?.message).not.toContain("has not fetched our JWKS");
    }
  });

  test.each([402, 409, 410, 418])("is left out for %i, of which nothing is known", (status) => {
    expect(hintFor(sampleAttempt({ status }), context)).toBeUndefined();
  });

  test.each([
    [200, 200],
    [401, 401],
    [204, 204],
  ])("is left out for %i where %i is expected", (status, expectedStatus) => {
    expect(hintFor(sampleAttempt({ status }), { ...context, expectedStatus })).toBeUndefined();
  });

  test("asks for no 200 where the app answered it and another was expected", () => {
    const hint = hintFor(sampleAttempt({ status: 200 }), { ...context, expectedStatus: 401 });
    expect(hint?.message).toContain("401 was expected");
    expect(hint).not.toHaveProperty("code");
  });
});

describe("the hint where no answer came", () => {
  test.each([
    ["ERR_CONNECTION_REFUSED", ["is your app running", "--wait-on", "--to"]],
    ["ERR_HOST_NOT_FOUND", ["--to", "app.test:3000"]],
    ["ERR_TIMEOUT", ["did not answer", "--timeout"]],
    ["ERR_CONNECTION_CLOSED", ["crashed or restarted"]],
    ["ERR_TLS", ["certificate", "NODE_EXTRA_CA_CERTS"]],
  ])("%s names the likely cause", (code, phrases) => {
    const hint = hintFor(failed(code), context);
    for (const phrase of phrases) expect(hint?.message).toContain(phrase);
  });

  test.each(["ERR_ABORTED", "ERR_CONNECTION_FAILED"])("is left out for %s", (code) => {
    expect(hintFor(failed(code), context)).toBeUndefined();
  });

  function failed(code: string): ReturnType<typeof sampleAttempt> {
    return sampleAttempt({
      status: null,
      error: { code, message: "" },
      request: { method: "POST", url: "http://app.test:3000/api/webhook", headers: {} },
      response: null,
    });
  }
});

test("a web page that nobody verified for is asked about, though it is a 200", () => {
  const response = {
    headers: { "content-type": "text/html; charset=utf-8" },
    body: "<!doctype html>",
    truncated: false,
  };
  const page = sampleAttempt({ status: 200, response });
  expect(hintFor(page, { ...context, hasFetchedJwks: false })?.message).toContain("is this your handler?");
  expect(hintFor(page, context)).toBeUndefined();
});

test("names the option that gives the endpoint", () => {
  const refused = sampleAttempt({ status: null, error: { code: "ERR_CONNECTION_REFUSED", message: "" } });
  for (const attempt of [refused, sampleAttempt({ status: 404 })]) {
    const { message } = hintFor(attempt, { ...context, endpointOption: "--webhook" })!;
    expect(message).toContain("--webhook");
    expect(message).not.toMatch(/--to|--wait-on/);
  }
});

test.each(["--to", "--webhook", "--forward"] as const)(
  "of what is sent once with %s it says of nobody that they wait or try again",
  (endpointOption) => {
    const refused = sampleAttempt({ status: null, error: { code: "ERR_CONNECTION_REFUSED", message: "" } });
    const hint = hintFor(refused, { ...context, endpointOption, isOnce: true });
    expect(hint?.message).toContain(`Start it, or say where it listens: ${endpointOption} `);
  },
);

test("a text that a framework calls HTML is no web page", () => {
  const response = { headers: { "content-type": "text/html; charset=utf-8" }, body: "ok", truncated: false };
  const answer = sampleAttempt({ status: 200, response });
  expect(hintFor(answer, { ...context, hasFetchedJwks: false })).toBeUndefined();
});
