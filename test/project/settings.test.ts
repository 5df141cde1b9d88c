import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Project } from "../../src/project/directory.ts";
import { readSettings, type Settings } from "../../src/project/settings.ts";
import { createTemporaryProject } from "./temporary-project.ts";

const variable = "KINDE_DEVHOOK_ISSUER_PORT";

/** Every place that sets `issuer-port`, nearest first. */
const places = ["environment", ".env.local", ".env", "config.json"] as const;

describe("a setting", () => {
  test.each([
    [[...places], { value: "environment", origin: variable, isText: true }],
    [places.slice(1), { value: ".env.local", origin: `${variable} (.env.local)`, isText: true }],
    [places.slice(2), { value: ".env", origin: `${variable} (.env)`, isText: true }],
    [places.slice(3), { value: "config.json", origin: `"issuer-port" (config.json)`, isText: false }],
  ])("of %j comes from the first of them", (set, expected) => {
    using project = createTemporaryProject();
    for (const place of set) {
      if (place === "config.json") write(project, place, `{"issuer-port":"${place}"}`);
      else if (place !== "environment") write(project, place, `${variable}=${place}\n`);
    }
    const environment = set.includes("environment") ? { [variable]: "environment" } : {};
    const config = set.includes("config.json") ? "config.json" : undefined;
    expect(readSettings(project, environment, project.root, config).flag("issuer-port")).toEqual(expected);
  });

  test("comes from package.json when nothing nearer has it", () => {
    using project = createTemporaryProject();
    write(project, "package.json", `{"name":"app","kinde-devhook":{"issuer-port":4460}}`);
    expect(read(project).flag("issuer-port")).toEqual({
      value: 4460,
      origin: `"issuer-port" (package.json)`,
      isText: false,
    });
    expect(read(project, { [variable]: "4461" }).flag("issuer-port")?.value).toBe("4461");
    write(project, "config.json", "{}");
    // The file of --config stands in the place of package.json.
    expect(readSettings(project, {}, project.root, "config.json").flag("issuer-port")).toBeUndefined();
  });

  test("is absent where nothing sets it", () => {
    using project = createTemporaryProject();
    expect(read(project).flag("issuer-port")).toBeUndefined();
  });

  test("is not set by an empty variable", () => {
    using project = createTemporaryProject();
    write(project, ".env", `${variable}=4460\n`);
    expect(read(project, { [variable]: "" }).flag("issuer-port")?.value).toBe("4460");
  });

  test("may be written in camel case in a configuration file", () => {
    using project = createTemporaryProject();
    write(project, "package.json", `{"kinde-devhook":{"issuerPort":4460}}`);
    expect(read(project).flag("issuer-port")).toMatchObject({
      value: 4460,
      origin: `"issuerPort" (package.json)`,
    });
  });

  test.each(["constructor", "__proto__", "to-string"])("is never inherited: %s", (flag) => {
    using project = createTemporaryProject();
    write(project, "package.json", `{"kinde-devhook":{}}`);
    expect(read(project).flag(flag)).toBeUndefined();
  });
});

test("everything that is named as a setting is told, with its place", () => {
  using project = createTemporaryProject();
  write(project, ".env", "KINDE_DEVHOOK_TO=3000\nKINDE_ISSUER_URL=http://localhost:4455\n");
  write(project, "package.json", `{"name":"app","kinde-devhook":{"issuerPort":4460}}`);
  expect(read(project, { KINDE_DEVHOOK_FOREWARD: "3000", PATH: "/bin" }).names()).toEqual([
    { name: "KINDE_DEVHOOK_FOREWARD", origin: "KINDE_DEVHOOK_FOREWARD", isVariable: true },
    { name: "KINDE_DEVHOOK_TO", origin: "KINDE_DEVHOOK_TO (.env)", isVariable: true },
    { name: "issuerPort", origin: `"issuerPort" (package.json)`, isVariable: false },
  ]);
});

describe("an .env file", () => {
  test("is read with its quotes, comments and export", () => {
    using project = createTemporaryProject();
    write(project, ".env", `# ours\nexport KINDE_DEVHOOK_TO="http://localhost:3000/a#b" # there\n`);
    expect(read(project).flag("to")?.value).toBe("http://localhost:3000/a#b");
  });

  test("lies in the project's root, whatever the working directory", () => {
    using project = createTemporaryProject();
    const inside = join(project.root, "inside");
    mkdirSync(inside);
    writeFileSync(join(inside, ".env"), `${variable}=inside\n`);
    write(project, ".env", `${variable}=root\n`);
    expect(readSettings(project, {}, inside, undefined).flag("issuer-port")?.value).toBe("root");
  });

  test("may be something else, such as the directory of a virtual environment", () => {
    using project = createTemporaryProject();
    mkdirSync(join(project.root, ".env"));
    write(project, ".env.local", `${variable}=4460\n`);
    expect(read(project).flag("issuer-port")?.value).toBe("4460");
  });
});

describe("a configuration file", () => {
  test("is looked for from the working directory", () => {
    using project = createTemporaryProject();
    const inside = join(project.root, "inside");
    mkdirSync(inside);
    writeFileSync(join(inside, "own.json"), `{"to":["3000","4000"]}`);
    expect(readSettings(project, {}, inside, "own.json").flag("to")).toEqual({
      value: ["3000", "4000"],
      origin: `"to" (own.json)`,
      isText: false,
    });
  });

  test.each([
    ["is not there", undefined],
    ["is empty", ""],
    ["is no JSON", "{to: 3000}"],
    ["is a list", "[]"],
    ["is null", "null"],
  ])("that %s is ERR_INVALID_CONFIG", (_, content) => {
    using project = createTemporaryProject();
    if (content !== undefined) write(project, "config.json", content);
    expect(() => readSettings(project, {}, project.root, "config.json")).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_CONFIG" }),
    );
  });

  test.each([
    "{",
    `{"kinde-devhook":3000`,
    `{"kinde-devhook":[1]}`,
    `{"kinde-devhook":null}`,
    `["kinde-devhook"]`,
  ])("sets nothing where it is a package.json of %j", (content) => {
    using project = createTemporaryProject();
    write(project, "package.json", content);
    expect(read(project).flag("issuer-port")).toBeUndefined();
  });
});

function read(project: Project, environment: Readonly<Record<string, string>> = {}): Settings {
  return readSettings(project, environment, project.root, undefined);
}

function write(project: Project, file: string, content: string): void {
  writeFileSync(join(project.root, file), content);
}
