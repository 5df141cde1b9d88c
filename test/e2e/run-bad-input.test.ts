import { chmodSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { createProject, recordsOf } from "./project.ts";
import { node } from "./run-project.ts";

const neverRun = node(`console.log("it ran")`);

describe("without a command to run", () => {
  test.each([[["run"]], [["run", "--"]], [["run", "--port", "4460"]], [["run", "--", ""]]])(
    "%j is ERR_INVALID_OPTION with an example, exit code 2",
    async (args) => {
      using project = await createProject();
      const { code, stdout, stderr } = await project.run(args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(/ERR_INVALID_OPTION/);
      expect(stderr).toContain("npx kinde-devhook run -- npm test");
      expect(stderr).not.toContain("fake Kinde at");
    },
  );
});

describe("a command that can't be run", () => {
  test.each([
    ["that does not exist", "kinde-devhook-has-no-such-command", 127, "ERR_COMMAND_NOT_FOUND"],
    ["whose file does not exist", "./missing", 127, "ERR_COMMAND_NOT_FOUND"],
    ["whose interpreter does not exist", "./no-interpreter", 127, "ERR_COMMAND_NOT_FOUND"],
    ["that may not be executed", "./package.json", 126, "ERR_COMMAND_NOT_EXECUTABLE"],
    ["that is a directory", ".", 126, "ERR_COMMAND_NOT_EXECUTABLE"],
    ["that lies in a file", "./package.json/x", 126, "ERR_COMMAND_NOT_EXECUTABLE"],
  ])("because of one %s: %s is %i, %s", async (_, command, code, errorCode) => {
    using project = await createProject();
    project.write("package.json", "{}");
    project.write("no-interpreter", "#!/nowhere/sh\n");
    chmodSync(join(project.path, "no-interpreter"), 0o755);
    const flags = ["--webhook", `${await findFreePort()}`, "--emit", "user.created"];
    const result = await project.run(["run", "--json", ...flags, "--", command, "--flag"]);
    expect(result.code).toBe(code);
    expect(recordsOf(result, "exit")).toMatchObject([{ code, reason: errorCode }]);
    expect(result.stderr).toContain(JSON.stringify(command));
    // It is the whole story: that nothing was emitted either need not be told.
    expect(recordsOf(result, "warning")).toEqual([]);
  });
});

describe("options that can't be", () => {
  test.each([
    ["an unknown event type", ["--webhook", "3000", "--emit", "user.crated"], "ERR_UNKNOWN_EVENT_TYPE"],
    ["events without an endpoint", ["--emit", "user.created"], "ERR_INVALID_OPTION"],
    ["a wait without events", ["--webhook", "3000", "--wait-on", "3000"], "ERR_INVALID_OPTION"],
    [
      "a wait for no URL",
      ["--webhook", "3000", "--emit", "user.*", "--wait-on", "soon"],
      "ERR_INVALID_OPTION",
    ],
    ["an endpoint that is no URL", ["--webhook", "here"], "ERR_INVALID_OPTION"],
    ["an endpoint twice", ["--webhook", "3000", "--webhook", "3000"], "ERR_INVALID_OPTION"],
    ["a client without a secret", ["--client", "my-app"], "ERR_INVALID_OPTION"],
    ["port 0", ["--port", "0"], "ERR_INVALID_OPTION"],
    ["an option of another command", ["--count", "2"], "ERR_UNKNOWN_FLAG"],
    ["an option without its value", ["--webhook"], "ERR_INVALID_OPTION"],
  ])("as %s are told, and the command does not run", async (_, flags, errorCode) => {
    using project = await createProject();
    const { code, stdout, stderr } = await project.run(["run", ...flags, "--", ...neverRun]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(errorCode);
  });

  test("as a wait are passed over where a setting has them, for it may be meant for emit", async () => {
    using project = await createProject();
    const env = { KINDE_DEVHOOK_WAIT_ON: "true" };
    expect(await project.run(["run", "--", ...neverRun], { env })).toMatchObject({ code: 0 });
  });
});

test.each(["--port", "--issuer-port"])("%s that is taken is ERR_PORT_TAKEN, exit code 3", async (flag) => {
  using project = await createProject();
  await using other = await startReceiver();
  const { code, stdout, stderr } = await project.run(["run", flag, `${other.port}`, "--", ...neverRun]);
  expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  expect(stderr).toContain("ERR_PORT_TAKEN");
  expect(stderr).toContain("leave --port out");
});

test("a key that is damaged is ERR_KEYS_DAMAGED, and the command does not run", async () => {
  using project = await createProject();
  project.write(".kinde-devhook/keys.json", "{}");
  const { code, stdout, stderr } = await project.run(["run", "--", ...neverRun]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain("ERR_KEYS_DAMAGED");
});
