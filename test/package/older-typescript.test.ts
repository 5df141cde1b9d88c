/** The types under the oldest TypeScript that the README names, and under the last of its line: from the registry, in CI. */
import { describe, expect, test } from "vitest";
import { isCi } from "../helpers/ci.ts";
import { createRegistryProject, installedVersion } from "../recipes/registry-project.ts";
import { moduleUse } from "./type-uses.ts";

const tsconfig = {
  compilerOptions: { module: "nodenext", target: "es2022", strict: true, skipLibCheck: false, noEmit: true },
  files: ["use.ts"],
};

describe.skipIf(!isCi)("what is written with the library compiles", { timeout: 240_000 }, () => {
  test.each(["5.4.5", "5.9.3"])("under TypeScript %s", async (typescript) => {
    using project = await createRegistryProject({
      files: { "use.ts": moduleUse, "tsconfig.json": JSON.stringify(tsconfig) },
      dependencies: { typescript, "@types/node": installedVersion("@types/node") },
      testScript: "tsc -p .",
    });
    const { code, output } = await project.run("npm test");
    expect(output).not.toContain("error TS");
    expect(code).toBe(0);
  });
});
