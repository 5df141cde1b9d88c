/** What the README says of the library: its examples run, its tables name what there is. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { InvalidOptionError } from "../src/kinde/errors.ts";
import { startMockKinde } from "../src/testing/start-mock-kinde.ts";
import { signingKey } from "./helpers/keys.ts";
import { blockWith, readme, section, withOwnPorts } from "./helpers/readme.ts";
import { replaced } from "./recipes/replaced.ts";
import { startReceiver } from "./helpers/receiver.ts";

test("the mock's example delivers to the app and prints what it answered", async () => {
  await using receiver = await startReceiver();
  expect(await runModule(withOwnPorts(blockWith("js", "startMockKinde({"), receiver.port, 0))).toBe(
    "delivered 200\n",
  );
  expect((await receiver.next()).headers["content-type"]).toBe("application/jwt");
});

test("the example of retries passes, and fails where the app does not take the second attempt", async () => {
  const example = blockWith("js", "clock.advance");
  const outcomeOf = async (code: string): Promise<string | undefined> =>
    /^# (?:pass|fail) 1$/m.exec(await runModule(code))?.[0];
  expect(await outcomeOf(example)).toBe("# pass 1");
  const refused = replaced(example, "[500, 200]", "[500, 500]");
  expect(await outcomeOf(`${refused}process.on("exit", () => (process.exitCode = 0));`)).toBe("# fail 1");
});

test("the example of the parts verifies what it has signed", async () => {
  expect(await runModule(blockWith("js", "verifyToken"))).toBe("verified ada@example.com\n");
});

test("the first table names every member of the mock", async () => {
  await using kinde = await startMockKinde({ signingKey });
  const [members = ""] = tables();
  expect(namesIn(members)).toEqual(Object.keys(kinde).sort());
});

test("the second table names every option, and the text those of emit and createRequest", async () => {
  const [, options = ""] = tables();
  expect(namesIn(options)).toEqual(await knownOptions((unknown) => startMockKinde(unknown)));
  await using kinde = await startMockKinde({ signingKey });
  const [, sentence = ""] = /^`emit` and `createRequest` take(.*?)\n\n/ms.exec(readme) ?? [];
  for (const name of await knownOptions((unknown) => kinde.emit("user.created", unknown))) {
    expect(sentence).toContain(`\`${name}\``);
  }
  expect(readme).toContain("`waitFor(type or function, options)`");
});

function tables(): string[] {
  return section("library").trim().split("\n\n");
}

/** The names in a table's first column, without their arguments. */
function namesIn(table: string): string[] {
  const [, , ...rows] = table.split("\n");
  const names = rows.flatMap((row) => row.split("|")[1]!.match(/(?<=`(?:await )?)(?!await )\w+/g) ?? []);
  return [...new Set(names)].sort();
}

/** What a call says it takes when it is given what it does not know. */
async function knownOptions(call: (options: object) => Promise<unknown>): Promise<string[]> {
  const error = await call({ "no such option": 1 }).catch((reason: unknown) => reason);
  if (!(error instanceof InvalidOptionError)) throw error;
  return error.expected.split(", ").sort();
}

async function runModule(code: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code]);
  expect(stderr).toBe("");
  return stdout;
}
