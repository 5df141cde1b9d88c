import { expect, test } from "vitest";
import { startMockKinde } from "../../src/testing/start-mock-kinde.ts";
import { signingKey } from "../helpers/keys.ts";
import { createProject } from "./project.ts";

test.each(["emit user.created", "mock"])(
  "`%s` on the port of a mock inside a test says so, and names another: ERR_OTHER_PROJECT",
  async (line) => {
    using project = await createProject();
    await using kinde = await startMockKinde({ signingKey });
    const { code, stderr } = await project.run([...line.split(" "), "--issuer-port", String(kinde.port)]);
    expect(code).toBe(2);
    expect(stderr).toContain("ERR_OTHER_PROJECT");
    expect(stderr).toContain(`pid ${process.pid}`);
    expect(stderr).toMatch(/mock of the library.*--issuer-port \d+/);
    // The test that has it goes on.
    expect((await kinde.createRequest("user.created")).method).toBe("POST");
  },
);
