/** The README's TypeScript, checked as a Next.js project checks it. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { blockWith } from "../helpers/readme.ts";
import { createReaderProject, type Run } from "./reader-project.ts";
import { replaced } from "./replaced.ts";

const route = blockWith("ts", "export async function POST");
const compared = 'event.type === "user.created"';
const routeForPasskeys = replaced(
  replaced(route, compared, 'event.type === "passkey.added"'),
  "event.data.user.email",
  "event.data",
);
const typedByUs = `import type { KindeEvent } from "kinde-devhook";\n${replaced(routeForPasskeys, "decodeWebhook(", "decodeWebhook<KindeEvent>(")}`;

test("the handler and its test are well typed", async () => {
  expect(await check(route)).toEqual({ code: 0, output: "" });
});

test.each([
  ["a field that the event has not", replaced(route, "user.email", "user.nickname"), "TS2339"],
  ["an event type that @kinde/webhooks does not know", routeForPasskeys, "TS2367"],
])("%s is an error", async (_, handler, code) => {
  const { output } = await check(handler);
  expect(output).toMatch(new RegExp(`^app/api/webhook/route\\.ts\\S+ error ${code}:`));
});

test("with KindeEvent every event type is known", async () => {
  expect(await check(typedByUs)).toEqual({ code: 0, output: "" });
});

async function check(handler: string): Promise<Run> {
  using project = createReaderProject({
    "app/api/webhook/route.ts": handler,
    "app/api/webhook/route.test.ts": blockWith("ts", 'import("./route")'),
    "tsconfig.json": JSON.stringify({
      compilerOptions: {
        target: "es2017",
        lib: ["dom", "dom.iterable", "esnext"],
        strict: true,
        noEmit: true,
        module: "esnext",
        moduleResolution: "bundler",
        isolatedModules: true,
        skipLibCheck: true,
        types: ["node"],
      },
      include: ["app"],
    }),
  });
  return await project.run([join(process.cwd(), "node_modules/typescript/bin/tsc"), "--pretty", "false"]);
}
