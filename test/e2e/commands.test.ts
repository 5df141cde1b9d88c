import { readFileSync, rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { eventFixture, eventTypes } from "../../src/kinde/event-types.ts";
import { signingKey } from "../helpers/keys.ts";
import { createProject, recordsOf } from "./project.ts";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

describe("triggers", () => {
  test("lists every event type under its category, with its confidence", async () => {
    using project = await createProject();
    const { code, stdout } = await project.run(["triggers"]);
    expect(code).toBe(0);
    for (const type of eventTypes) {
      const { confidence, description } = eventFixture(type);
      expect(stdout).toMatch(new RegExp(`^  ${type} +${confidence} +${description.slice(0, 20)}`, "m"));
    }
    for (const category of new Set(eventTypes.map((type) => eventFixture(type).category))) {
      expect(stdout.toLowerCase()).toContain(
        `\n${category.toLowerCase()}\n`.slice(category.startsWith("auth") ? 1 : 0),
      );
    }
  });

  test("shows the sample of a type, how sure it is and where it is known from", async () => {
    using project = await createProject();
    const { stdout } = await project.run(["triggers", "user.created"]);
    expect(stdout).toContain("Confidence: captured");
    expect(stdout).toContain(eventFixture("user.created").source);
    expect(JSON.parse(stdout.slice(stdout.indexOf("\n{")))).toEqual(eventFixture("user.created").data);
  });

  test("prints a record for each type with --json", async () => {
    using project = await createProject();
    const result = await project.run(["triggers", "--json"]);
    const listed = recordsOf(result, "event_type");
    expect(listed.map(({ type }) => type)).toEqual(eventTypes);
    expect(listed[0]).toEqual({
      record: "event_type",
      at: expect.any(String),
      ...eventFixture(eventTypes[0]!),
    });
    expect(result.records.at(-1)).toMatchObject({ record: "exit", code: 0 });
  });

  test("takes patterns", async () => {
    using project = await createProject();
    const result = await project.run(["triggers", "passkey.*", "--json"]);
    expect(recordsOf(result, "event_type").map(({ type }) => type)).toEqual([
      "passkey.added",
      "passkey.removed",
    ]);
  });
});

describe("keys show", () => {
  test("prints the key id and the public key, and no private part", async () => {
    using project = await createProject();
    const forPeople = await project.run(["keys", "show"]);
    const asJson = await project.run(["keys", "show", "--json"]);
    expect(JSON.parse(forPeople.stdout.slice(forPeople.stdout.indexOf("{")))).toEqual(signingKey.publicJwk);
    expect(recordsOf(asJson, "key")).toMatchObject([
      { kid: signingKey.kid, publicJwk: signingKey.publicJwk },
    ]);
    expect(forPeople.stdout).toContain(signingKey.kid);
    for (const { stdout, stderr } of [forPeople, asJson]) expect(stdout + stderr).not.toMatch(/"d":|PRIVATE/);
  });

  test("of a project without a key makes one, and several at once make the same", async () => {
    using project = await createProject();
    rmSync(project.directory, { recursive: true });
    const runs = await Promise.all([1, 2, 3].map(() => project.run(["keys", "show", "--json"])));
    const kids = new Set(runs.map((result) => recordsOf(result, "key")[0]?.kid));
    expect(kids).toEqual(new Set([expect.stringMatching(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/)]));
    expect(kids).not.toContain(signingKey.kid);
  });
});

test.each([[["--version"]], [["emit", "user.created", "--version"]]])(
  "%j prints the version alone",
  async (args) => {
    using project = await createProject();
    const { code, stdout, stderr } = await project.run(args);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  },
);
