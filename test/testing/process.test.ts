/** The built library in a process of its own: what it leaves behind, what it says, when it ends. */
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { createTemporaryDirectory, type TemporaryDirectory } from "../helpers/temporary-directory.ts";

const library = pathToFileURL(join(process.cwd(), "dist/index.js")).href;

/** Runs a program that has the library, an endpoint that answers and one that does not; resolves when it has ended by itself. */
async function runProgram(
  directory: TemporaryDirectory,
  program: string,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const text = `
    import { createServer } from "node:http";
    import { startMockKinde } from ${JSON.stringify(library)};
    const serve = async (listener) => {
      const server = createServer(listener).listen(0, "127.0.0.1").unref();
      await new Promise((resolve) => server.once("listening", resolve));
      return "http://127.0.0.1:" + server.address().port + "/api/webhook";
    };
    const endpoint = await serve((request, response) => request.resume().on("end", () => response.end()));
    const hanging = await serve(() => {});
    ${program}`;
  const { path } = directory;
  return await promisify(execFile)(
    process.execPath,
    ["--unhandled-rejections=strict", "--input-type=module", "-e", text],
    { cwd: path, env: { HOME: path, TMPDIR: path }, timeout: 25_000 },
  );
}

test("a mock writes nothing: not to the working directory, not to the home directory", async () => {
  using directory = createTemporaryDirectory();
  const { stdout, stderr } = await runProgram(
    directory,
    `const kinde = await startMockKinde({ webhooks: [{ endpoint }] });
     console.log((await kinde.emit("user.created")).state);
     await fetch(kinde.issuer + "/.well-known/openid-configuration").then((answer) => answer.text());
     await kinde.close();`,
  );
  expect([stdout, stderr]).toEqual(["delivered\n", ""]);
  expect(readdirSync(directory.path)).toEqual([]);
});

test("a program ends by itself once its mock is closed, whatever was under way", async () => {
  using directory = createTemporaryDirectory();
  const { stdout } = await runProgram(
    directory,
    `const kinde = await startMockKinde({ webhooks: [{ endpoint: hanging }] });
     const emitting = kinde.emit("user.created");
     const waiting = kinde.waitFor("user.created", { timeoutMs: 3_600_000 }).catch(({ code }) => code);
     await kinde.waitFor(({ state }) => state === "pending");
     await kinde.close();
     console.log(await waiting, (await emitting).failedReason);`,
  );
  expect(stdout).toBe("ERR_MOCK_CLOSED cancelled\n");
});

test("no rejection goes unheard that the caller has not been given", async () => {
  using directory = createTemporaryDirectory();
  const { stdout, stderr } = await runProgram(
    directory,
    `const kinde = await startMockKinde({ webhooks: [{ endpoint }] });
     const codes = [];
     const note = ({ code, message }) => codes.push(code ?? message);
     const abort = new AbortController();
     await Promise.all([
       kinde.waitFor("user.deleted", { timeoutMs: 5 }).catch(note),
       kinde.waitFor(() => { throw new Error("mine"); }).catch(note),
       kinde.waitFor("user.deleted", { signal: abort.signal }).catch(note),
       kinde.emit("user.created", { to: hanging, timeoutMs: 20 }),
       kinde.emit("user.created", { data: { a: 1n } }).catch(note),
       kinde.emit("user.created").then(() => abort.abort(new Error("enough"))),
     ]);
     const closing = kinde.waitFor("user.deleted").catch(note);
     await kinde.close();
     await closing;
     await new Promise((resolve) => setTimeout(resolve, 10));
     console.log(codes.sort().join());`,
  );
  expect([stdout, stderr]).toEqual(["ERR_INVALID_PATH,ERR_MOCK_CLOSED,ERR_WAIT_TIMEOUT,enough,mine\n", ""]);
});

test("one signal serves a thousand calls, at once and in turn, without a warning", async () => {
  using directory = createTemporaryDirectory();
  const { stdout, stderr } = await runProgram(
    directory,
    `const kinde = await startMockKinde({ webhooks: [{ endpoint }] });
     const { signal } = new AbortController();
     for (let round = 0; round < 20; round++) {
       await Promise.all(Array.from({ length: 50 }, () => kinde.emit("user.created", { signal })));
     }
     const wanted = ({ id }) => id === kinde.deliveries.at(-1).id;
     await Promise.all(Array.from({ length: 50 }, () => kinde.waitFor(wanted, { signal })));
     console.log(kinde.deliveries.filter(({ state }) => state === "delivered").length);
     await kinde.close();`,
  );
  expect([stdout, stderr]).toEqual(["1000\n", ""]);
});

test("a wait in hand does not hide why a test has failed before it", async () => {
  using directory = createTemporaryDirectory();
  const running = runProgram(
    directory,
    `const kinde = await startMockKinde();
     try {
       const before = kinde.waitFor("user.created");
       await kinde.reset();
       const arrived = kinde.waitFor("user.created");
       throw new Error("the real cause");
     } finally {
       await kinde.close();
     }`,
  );
  const { stderr } = (await running.catch((error: unknown) => error)) as { readonly stderr: string };
  expect(stderr).toContain("the real cause");
  expect(stderr).not.toContain("ERR_MOCK");
});

test("a mock with retries that are hours away ends at once when it is closed, and the process with it", async () => {
  using directory = createTemporaryDirectory();
  const { stdout, stderr } = await runProgram(
    directory,
    `const refusing = await serve((request, response) => request.resume().on("end", () => response.writeHead(500).end()));
     const webhooks = [{ endpoint: refusing }, { endpoint: hanging }];
     const kinde = await startMockKinde({ webhooks, timeoutMs: 3_000_000 });
     const emitting = kinde.emit("user.created");
     await kinde.waitFor(({ attempts }) => attempts.length === 1);
     await kinde.close();
     await emitting;
     console.log(kinde.deliveries.map(({ failedReason }) => failedReason).join());`,
  );
  expect([stdout, stderr]).toEqual(["cancelled,cancelled\n", ""]);
});

test("a mock that was reset keeps no timer for the retries it has called off", async () => {
  using directory = createTemporaryDirectory();
  const { stdout, stderr } = await runProgram(
    directory,
    `const refusing = await serve((request, response) => request.resume().on("end", () => response.writeHead(500).end()));
     const kinde = await startMockKinde({ webhooks: [{ endpoint: refusing }] });
     await kinde.emit("user.created");
     const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
     const before = timers();
     await kinde.reset();
     console.log(before - timers());
     await kinde.close();`,
  );
  expect([stdout, stderr]).toEqual(["1\n", ""]);
});

test("a misspelt path is a warning of the process, and names what was meant", async () => {
  using directory = createTemporaryDirectory();
  const { stderr } = await runProgram(
    directory,
    `const kinde = await startMockKinde();
     await kinde.emit("user.created", { to: endpoint, set: { "user.emial": "ada@example.com" } });
     await kinde.createRequest("user.created", { unset: ["user.nickname"], onWarning: () => {} });
     await kinde.close();`,
  );
  expect(stderr.match(/\[WARN_UNKNOWN_PATH\] KindeDevhookWarning: .*/g)).toEqual([
    expect.stringContaining('did you mean "user.email"?'),
  ]);
});
