import { expect, test } from "vitest";
import { checkAppIssuer } from "../../../src/app/diagnoses/app-issuer.ts";
import { variablesOf } from "./verdicts.ts";

const acme = "https://acme.kinde.com";

test.each([
  ["the local issuer", { KINDE_ISSUER_URL: "http://localhost:4455" }, acme, "pass"],
  ["the local issuer, with a slash", { KINDE_ISSUER_URL: "http://127.0.0.1:4455/" }, acme, "pass"],
  ["the local issuer over TLS", { KINDE_ISSUER_URL: "https://localhost:4455" }, acme, "pass"],
  [
    "the local issuer as a container sees it",
    { KINDE_ISSUER_URL: "http://host.docker.internal:4455" },
    acme,
    "skip",
  ],
  ["the local issuer as a domain", { KINDE_DOMAIN: "localhost:4455" }, acme, "pass"],
  ["Kinde itself", { KINDE_ISSUER_URL: acme }, acme, "pass"],
  ["Kinde itself, where no other is known", { KINDE_ISSUER_URL: acme }, null, "pass"],
  ["another port of this machine", { KINDE_ISSUER_URL: "http://localhost:4460" }, acme, "warn"],
  ["no port of this machine", { KINDE_ISSUER_URL: "http://localhost" }, acme, "warn"],
  ["another environment of Kinde", { KINDE_ISSUER_URL: "https://other.kinde.com" }, acme, "warn"],
  ["a host without a scheme", { KINDE_ISSUER_URL: "localhost:4455" }, acme, "warn"],
  ["no URL", { KINDE_ISSUER_URL: "http://" }, acme, "warn"],
  ["nothing", {}, acme, "skip"],
])("an app that trusts %s comes to its verdict", (_what, values, realIssuer, verdict) => {
  const finding = checkAppIssuer(variablesOf(values), 4455, realIssuer);
  expect(finding.verdict).toBe(verdict);
  expect(finding.code).toBe(verdict === "warn" ? "WARN_APP_ISSUER" : undefined);
});

test("the advice for an app on another port is the line to set, and the flag that serves there", () => {
  const { advice } = checkAppIssuer(variablesOf({ KINDE_ISSUER_URL: "http://localhost:4460" }), 4455, null);
  expect(advice).toContain("KINDE_ISSUER_URL=http://localhost:4455");
  expect(advice).toContain("--issuer-port 4460");
});
