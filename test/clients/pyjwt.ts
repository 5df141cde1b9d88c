/** PyJWT, in a process of its own for as long as the verifier is open. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Client, Verdict, Verifier } from "./client.ts";

const python = findPython();

export const pyjwt: Client = {
  name: "PyJWT",
  packages: [{ name: "PyJWT", version: python?.version, isLocked: false }],
  call: "PyJWKClient(url), jwt.decode(token, key)",
  jwksPath: "/.well-known/jwks",
  refusals: { badSignature: /^InvalidSignatureError/, unknownKey: /^PyJWKClientError: Unable to find/ },
  open: (issuer) => startPython(`${issuer}/.well-known/jwks`),
};

function startPython(jwksUrl: string): Verifier {
  if (python === undefined) throw new Error("no python3 here has PyJWT and cryptography");
  const child = spawn(python.command, ["test/clients/pyjwt.py", jwksUrl], {
    // Python sends even requests to this machine to a proxy that the environment names.
    env: { ...process.env, no_proxy: "*" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  // A python that has ended says so by its missing line.
  child.stdin.on("error", () => {});
  const closed = once(child, "close");
  const verdicts = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    verify: async (token) => {
      child.stdin.write(`${token}\n`);
      const line = await verdicts.next();
      if (line.done === true) throw new Error("python ended");
      return JSON.parse(line.value) as Verdict;
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await closed;
    },
  };
}

/** The first python that has what RS256 takes: the one in the path may be another than Debian's. */
function findPython(): { readonly command: string; readonly version: string } | undefined {
  for (const command of ["python3", "/usr/bin/python3"]) {
    const { status, stdout } = spawnSync(
      command,
      ["-c", "import cryptography, jwt; jwt.PyJWKClient; print(jwt.__version__)"],
      { encoding: "utf8" },
    );
    if (status === 0) return { command, version: stdout.trim() };
  }
  return undefined;
}
