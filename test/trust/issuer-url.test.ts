import { expect, test } from "vitest";
import { parseIssuer } from "../../src/trust/issuer-url.ts";

test.each([
  ["https://acme.kinde.com", "https://acme.kinde.com"],
  ["https://acme.eu.kinde.com/", "https://acme.eu.kinde.com"],
  ["https://acme.kinde.com///", "https://acme.kinde.com"],
  ["HTTPS://Acme.Kinde.com", "https://acme.kinde.com"],
  ["acme.kinde.com", "https://acme.kinde.com"],
  ["acme.kinde.com/", "https://acme.kinde.com"],
  ["auth.example.com:8443", "https://auth.example.com:8443"],
  ["https://auth.example.com/tenant/", "https://auth.example.com/tenant"],
  ["http://localhost:4455/", "http://localhost:4455"],
  ["http://kinde.localhost:4455", "http://kinde.localhost:4455"],
  ["http://127.0.0.1:4455", "http://127.0.0.1:4455"],
  ["http://[::1]:4455", "http://[::1]:4455"],
])("reads %s as %s", (text, issuer) => {
  expect(parseIssuer(text, "--issuer")).toBe(issuer);
});

test.each([
  "",
  "/acme.kinde.com",
  "//acme.kinde.com",
  "\\acme.kinde.com",
  " ",
  "https://",
  "http://acme.kinde.com",
  "http://10.0.0.1:4455",
  "http://localhost.example.com",
  "http://127.0.0.1.example.com",
  "ftp://acme.kinde.com",
  "file:///etc/passwd",
  "javascript:alert(1)",
  "acme kinde com",
])("refuses %j", (text) => {
  expect(() => parseIssuer(text, "--issuer")).toThrow(
    expect.objectContaining({ code: "ERR_INVALID_OPTION", option: "--issuer", got: JSON.stringify(text) }),
  );
});

test.each([
  "https://ada:secret@acme.kinde.com",
  "https://acme.kinde.com?x=secret",
  "https://acme.kinde.com#secret",
])("refuses %s without repeating what may be secret", (text) => {
  const read = (): string => parseIssuer(text, "--issuer");
  expect(read).toThrow(expect.objectContaining({ code: "ERR_INVALID_OPTION", option: "--issuer" }));
  expect(read).not.toThrow(/secret/);
});
