/** Tab at the prompt of the real shells. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isCi } from "../helpers/ci.ts";
import { runCli } from "../helpers/cli.ts";
import { createProject } from "./project.ts";
import { completeInFish, hasShell, openShell } from "./shell-session.ts";

const ways = [
  ["on PATH", "", "kinde-devhook", ["kinde-devhook"]],
  ["an alias for npx", "alias kinde-devhook='npx kinde-devhook'", "kinde-devhook", ["npx"]],
  ["called through npx", "", "npx kinde-devhook", ["npx"]],
] as const;
const asFunction = {
  posix: 'kinde-devhook() { npx kinde-devhook "$@"; }',
  fish: "function kinde-devhook; npx kinde-devhook $argv; end",
};

describe.each(["bash", "zsh"] as const)("%s", (shell) => {
  describe.skipIf(!hasShell(shell) && !isCi)("completes at the Tab key", () => {
    test.each([...ways, ["a function for npx", asFunction.posix, "kinde-devhook", ["npx"]] as const])(
      "when the tool is %s",
      async (_how, definition, name, programs) => {
        await using session = await openShell(shell, `${definition}\n${await scriptFor(shell)}`, programs);
        expect(await session.type(`${name} em\tuser.cr\t--pri\ttok\t`)).toEqual([
          "emit",
          "user.created",
          "--print",
          "token",
        ]);
      },
    );

    test.each([
      ["a pattern, which it does not expand", "emit customer.\\*\t", ["emit", "customer.*"]],
      ["within quotes", "emit 'passkey.a\t", ["emit", "passkey.added"]],
      ["behind =", "emit --print=cl\t", ["emit", "--print=claims"]],
      ["behind a comma", "triggers role.created,passkey.a\t", ["triggers", "role.created,passkey.added"]],
      [
        "behind a URL",
        "emit --to http://x:1 --webh\tdrill",
        ["emit", "--to", "http://x:1", "--webhook-id", "drill"],
      ],
      ["what all candidates begin with", "triggers pas\tadded", ["triggers", "passkey.added"]],
      ["a file", "emit --data my-d\t", ["emit", "--data", "my-data.json"]],
      ["a file behind =", "emit --data=my-d\t", ["emit", "--data=my-data.json"]],
    ])("%s", async (_what, keys, expected) => {
      const profile = `touch my-data.json customer.created\n${await scriptFor(shell)}`;
      await using session = await openShell(shell, profile, ["kinde-devhook"]);
      expect(await session.type(`kinde-devhook ${keys}`)).toEqual(expected);
    });

    test("files for whatever else npx runs", async () => {
      await using session = await openShell(shell, `touch my-data.json\n${await scriptFor(shell)}`, ["npx"]);
      expect(await session.type("npx another my-d\t")).toEqual(["another", "my-data.json"]);
    });

    test("nothing, and shows no error, where the tool is not there", async () => {
      // What some systems do for a command that there is not, slowly and with many words.
      const search = ["command_not_found_handle", "command_not_found_handler"].map(
        (name) => `${name}() { echo error >/dev/tty; }`,
      );
      const profile = [await scriptFor(shell), ...search].join("\n");
      await using session = await openShell(shell, profile, ["npx"]);
      expect(await session.type("kinde-devhook em\t\u0015npx still here")).toEqual(["still", "here"]);
      expect(session.shown()).not.toMatch(/not found|error/i);
    });
  });
});

describe.skipIf(!hasShell("fish") && !isCi)("fish completes at the Tab key", () => {
  test.each([...ways, ["a function for npx", asFunction.fish, "kinde-devhook", ["npx"]] as const])(
    "when the tool is %s",
    async (_how, definition, name, programs) => {
      const profile = `${definition}\n${await scriptFor("fish")}`;
      expect(completeInFish(`${name} emit user.cr`, profile, programs)).toMatch(
        /^user\.created\tA user .*\n$/,
      );
    },
  );

  test.each([
    ["a command", "trig", /^triggers\tList every event type.*\n$/],
    ["an option", "emit --webh", /^--webhook-id\tThe same webhook-id.*\n$/],
    ["a value", "emit --print ", /^claims\ncurl\nhttp\ntoken\n$/],
    ["a value behind =", "emit --print=cl", /^--print=claims\n$/],
    ["a pattern", "triggers passkey.\\*", /^passkey\.\*\n$/],
    ["a file", "emit --data data.", /^data\.json\n$/],
    ["a file behind =", "emit --data=data.", /^--data=data\.json\n$/],
    ["nothing where nothing is known", "emit --to dat", /^$/],
  ])("%s", async (_what, line, expected) => {
    expect(completeInFish(`kinde-devhook ${line}`, await scriptFor("fish"), ["kinde-devhook"])).toMatch(
      expected,
    );
  });

  test("nothing, and shows no error, where the tool is not there", async () => {
    expect(completeInFish("kinde-devhook em", await scriptFor("fish"), [])).toBe("");
  });
});

describe("the request of a shell", () => {
  test.each([
    ["of a command that there is not", ["emti", "--to"]],
    ["that asks for help", ["emit", "--help", "--version", ""]],
    ["that asks for JSON", ["--json", "emit", "--nonsense", ""]],
    ["that is empty", []],
  ])("reads no settings, makes no file and ends well for a line %s", async (_which, words) => {
    using project = await createProject();
    project.write("package.json", "{ no JSON");
    project.write(".env", "KINDE_DEVHOOK_ISSUER_PORT=nonsense");
    const before = readdirSync(project.path, { recursive: true });
    for (const shell of ["bash", "zsh", "fish", "", "another"]) {
      const { code, stdout, stderr } = await project.run(["completion", "--candidates", shell, ...words], {
        env: { KINDE_DEVHOOK_CONFIG: "missing.json", KINDE_DEVHOOK_JSON: "1" },
      });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).not.toContain("{");
    }
    expect(readdirSync(project.path, { recursive: true })).toEqual(before);
  });
});

describe("the script", () => {
  test.each([
    ["bash", [], "/bin/bash"],
    ["zsh", [], "/usr/local/bin/zsh"],
    ["fish", [], "fish"],
    ["fish", ["fish"], "/bin/bash"],
  ])("is the one for %s with %j and $SHELL %s, and says how to install it", async (shell, words, login) => {
    using project = await createProject();
    const { code, stdout, stderr } = await project.run(["completion", ...words], { env: { SHELL: login } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`for ${shell}. To install it:\n#   npx kinde-devhook completion ${shell} >`);
  });

  test.each([
    ["KINDE_DEVHOOK_JSON=1", { KINDE_DEVHOOK_JSON: "1" }, "{}"],
    ["package.json", {}, '{"kinde-devhook":{"json":true}}'],
  ])("is a script, and no record, whatever %s says", async (_, env, packageFile) => {
    using project = await createProject();
    project.write("package.json", packageFile);
    const whole = await project.run(["completion", "bash"], { env });
    expect(whole).toMatchObject({ code: 0, stderr: "", records: [] });
    expect(whole.stdout).toContain("complete -F _kinde_devhook");
    // What is appended to a profile by mistake would greet every new shell.
    for (const wrong of [["tcsh"], ["bash", "--nope"], ["bash", "--json"]]) {
      expect(await project.run(["completion", ...wrong], { env })).toMatchObject({ code: 2, stdout: "" });
    }
  });

  test.each<[string[], Record<string, string>, string]>([
    [["tcsh"], {}, '"tcsh"'],
    [["bash", "zsh"], {}, '"bash zsh"'],
    [[], { SHELL: "/bin/tcsh" }, '"tcsh"'],
    [[], {}, "nothing"],
  ])("is refused for %j with %j", async (words, env, got) => {
    using project = await createProject();
    const { code, stdout, stderr } = await project.run(["completion", ...words], { env });
    expect(code).toBe(2);
    expect(stderr).toContain("ERR_INVALID_OPTION");
    expect(stderr).toContain(`got ${got}.`);
    expect(stdout).not.toContain("_kinde_devhook");
  });
});

async function scriptFor(shell: string): Promise<string> {
  const { stdout } = await runCli(["completion", shell], { cwd: process.cwd() });
  return stdout;
}
