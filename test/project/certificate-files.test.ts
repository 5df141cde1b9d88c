import { X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  ensureCertificates,
  followCertificates,
  readCertificates,
} from "../../src/project/certificate-files.ts";
import { makeCertificates } from "../net/test-certificates.ts";
import { bundleScript } from "./bundled.ts";
import { createTemporaryProject, modeOf, withUmask } from "./temporary-project.ts";

const dayMs = 24 * 60 * 60_000;
const now = Date.parse("2026-03-04T05:06:07Z");

test("certificates are made once, and are the same from then on", async () => {
  using project = createTemporaryProject();
  expect(readCertificates(project, now)).toBeUndefined();
  const made = await ensureCertificates(project, now);
  expect(new X509Certificate(made.certificates.certificate).checkHost("localhost")).toBe("localhost");
  expect(made.expiresAt).toBe(now + 90 * dayMs);
  expect(await ensureCertificates(project, now + dayMs)).toEqual(made);
  expect(readCertificates(project, now + dayMs)).toEqual(made);
});

test("the CA stands in a file of its own, and its key in none", async () => {
  using project = createTemporaryProject();
  const { caPath, certificates } = await ensureCertificates(project, now);
  expect(caPath).toBe(join(project.directory, "tls", "ca.pem"));
  expect(readFileSync(caPath, "utf8")).toBe(certificates.ca);
  const files = readdirSync(join(project.directory, "tls"));
  expect(files.toSorted()).toEqual(["ca.pem", "server.pem"]);
  const text = files.map((file) => readFileSync(join(project.directory, "tls", file), "utf8")).join("");
  expect(text.match(/BEGIN PRIVATE KEY/g)).toHaveLength(1);
});

test("the files are their owner's alone, whatever the umask", async () => {
  using project = createTemporaryProject();
  await withUmask(0, async () => await ensureCertificates(project, now));
  const directory = join(project.directory, "tls");
  expect(modeOf(directory)).toBe(0o700);
  for (const file of readdirSync(directory)) expect(modeOf(join(directory, file))).toBe(0o600);
});

test("a file with the key that others could read is its owner's alone from the next start on", async () => {
  using project = createTemporaryProject();
  const made = await ensureCertificates(project, now);
  const path = join(project.directory, "tls", "server.pem");
  chmodSync(path, 0o644);
  expect(await ensureCertificates(project, now)).toEqual(made);
  expect(modeOf(path)).toBe(0o600);
});

test.each([
  ["less than a week before they expire", now + 83 * dayMs],
  ["when they have expired", now + 200 * dayMs],
  ["when the clock has been set back behind their beginning", now - dayMs],
])("certificates are made anew %s", async (_, later) => {
  using project = createTemporaryProject();
  const before = await ensureCertificates(project, now);
  expect(readCertificates(project, later)).toBeUndefined();
  const after = await ensureCertificates(project, later);
  expect(after.certificates.ca).not.toBe(before.certificates.ca);
  expect(readFileSync(after.caPath, "utf8")).toBe(after.certificates.ca);
  expect(after.expiresAt).toBe(later + 90 * dayMs);
});

const others = await makeCertificates(now);

describe("certificates are made anew when server.pem", () => {
  test.each<[string, (text: string) => string | Buffer]>([
    ["is empty", () => ""],
    ["is cut off", (text) => text.slice(0, -200)],
    ["is cut off behind a certificate", (text) => text.slice(0, text.lastIndexOf("-----BEGIN"))],
    ["is no text", () => Buffer.from([0xff, 0xfe, 0x00])],
    ["has a changed character", (text) => text.replace(/(?<=CERTIFICATE-----\n.{40})./, "!")],
    ["has another's key", (text) => text.replace(/^[^]*?END PRIVATE KEY-----\n/, others.key)],
    ["has another's CA", (text) => text.slice(0, text.lastIndexOf("-----BEGIN")) + others.ca],
    ["has one certificate more", (text) => text + others.ca],
  ])("%s", async (_, damage) => {
    using project = createTemporaryProject();
    const before = await ensureCertificates(project, now);
    const path = join(project.directory, "tls", "server.pem");
    writeFileSync(path, damage(readFileSync(path, "utf8")));
    expect(readCertificates(project, now)).toBeUndefined();
    const after = await ensureCertificates(project, now);
    expect(after.certificates.ca).not.toBe(before.certificates.ca);
    expect(readFileSync(after.caPath, "utf8")).toBe(after.certificates.ca);
    expect(readCertificates(project, now)).toEqual(after);
  });
});

test.each<[string, (path: string) => void]>([
  ["is gone", (path) => rmSync(path)],
  ["is damaged", (path) => writeFileSync(path, "x")],
  ["is another's", (path) => writeFileSync(path, others.ca)],
])("a ca.pem that %s is written again; the certificates stay", async (_, damage) => {
  using project = createTemporaryProject();
  const made = await ensureCertificates(project, now);
  damage(made.caPath);
  expect(await ensureCertificates(project, now)).toEqual(made);
  expect(readFileSync(made.caPath, "utf8")).toBe(made.certificates.ca);
});

test.each(["", "server.pem", "ca.pem", "lock"])(
  "when something else has the place of tls/%s: ERR_PROJECT_NOT_WRITABLE",
  async (name) => {
    using project = createTemporaryProject();
    const path = join(project.directory, "tls", name);
    mkdirSync(name === "" ? project.directory : path, { recursive: true });
    if (name === "") writeFileSync(path, "");
    // A lock this old is waited for no longer.
    const old = new Date(Date.now() - 60_000);
    utimesSync(path, old, old);
    await expect(ensureCertificates(project, now)).rejects.toMatchObject({
      code: "ERR_PROJECT_NOT_WRITABLE",
    });
  },
);

test("of several processes that start at once all have the same certificates", async () => {
  using script = await bundleScript(`
    import { ensureCertificates } from "./src/project/certificate-files.ts";
    const { certificates } = await ensureCertificates({ root: "", directory: process.argv[2] }, ${now});
    process.send(certificates);
    process.disconnect();
  `);
  using project = createTemporaryProject();
  const made = await Promise.all(
    Array.from({ length: 6 }, async () => await script.start(project.directory).message()),
  );
  const known = readCertificates(project, now);
  expect(made).toEqual(made.map(() => known?.certificates));
  expect(readFileSync(known?.caPath ?? "", "utf8")).toBe(known?.certificates.ca);
});

describe("a server that goes on for long", () => {
  test("is given the same certificates as long as nothing changes", async () => {
    using project = createTemporaryProject();
    await ensureCertificates(project, now);
    const certificates = followCertificates(project, () => now);
    expect(await certificates()).toBe(await certificates());
  });

  test("is given those that another process has made since", async () => {
    using project = createTemporaryProject();
    const certificates = followCertificates(project, () => now);
    const before = await certificates();
    rmSync(join(project.directory, "tls"), { recursive: true });
    const { certificates: made } = await ensureCertificates(project, now);
    expect(await certificates()).toEqual(made);
    expect(made.ca).not.toBe(before.ca);
  });

  test("keeps them to their end, and then has them made anew", async () => {
    using project = createTemporaryProject();
    let time = now;
    await ensureCertificates(project, now);
    const certificates = followCertificates(project, () => time);
    const before = await certificates();
    time = now + 90 * dayMs - 1;
    expect(await certificates()).toBe(before);
    time = now + 90 * dayMs;
    expect((await certificates()).ca).not.toBe(before.ca);
  });

  test("keeps those whose files are gone to their end, for its clients trust them", async () => {
    using project = createTemporaryProject();
    let time = now;
    const certificates = followCertificates(project, () => time);
    const before = await certificates();
    rmSync(project.directory, { recursive: true });
    expect(await certificates()).toBe(before);
    time = now + 90 * dayMs;
    expect((await certificates()).ca).not.toBe(before.ca);
  });
});
