/** What the tests of `run` run: small programs for Node, as they stand on a command line. */

/** The words of `node -e <program> <arguments…>`. */
export function node(program: string, ...args: readonly string[]): readonly string[] {
  return [process.execPath, "-e", program, ...args];
}

/** Prints the variables that it finds the mock by, as JSON. */
export const printVariables: string = `
const names = /^(KINDE_.*|NODE_EXTRA_CA_CERTS)$/;
console.log(JSON.stringify(Object.fromEntries(Object.entries(process.env).filter(([name]) => names.test(name)))));
`;

/** Runs until SIGTERM, and ends with the exit code that is its last argument. */
export const waitForEnd: string = `
process.on("SIGTERM", () => process.exit(Number(process.argv.at(-1))));
setTimeout(() => process.exit(99), 25_000);
console.log("waiting");
`;

/** Listens as an app does, on the port that is its argument, until a signal; it answers 200. */
export const serve: string = `
const server = require("node:http").createServer((request, response) => request.resume().on("end", () => response.end()));
server.listen(Number(process.argv[1]), "127.0.0.1", () => console.log("listening"));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));
setTimeout(() => process.exit(99), 25_000);
`;

/** Asks the control API to emit what its argument says, and prints the answer. */
export const emitByControlApi: string = `
const { KINDE_DEVHOOK_URL, KINDE_DEVHOOK_TOKEN } = process.env;
fetch(KINDE_DEVHOOK_URL + "/_devhook/api/emit", {
  method: "POST",
  headers: { authorization: "Bearer " + KINDE_DEVHOOK_TOKEN, "content-type": "application/json" },
  body: process.argv[1],
}).then((response) => response.text()).then(console.log);
`;
