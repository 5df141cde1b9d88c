/**
 * The samples against the TypeScript types, ours and Kinde's: each sample becomes an object literal that the compiler
 * checks, which refuses a key too many as well as one too few.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { eventFixture, eventTypes, type EventFixture } from "../../src/kinde/event-types.ts";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";

const fixtures = eventTypes.map((type) => eventFixture(type));

/** Optional keys become required: a sample shows all there is. */
const whole = `type Whole<Value> = Value extends readonly (infer Item)[]
  ? Whole<Item>[]
  : Value extends object
    ? { [Key in keyof Value]-?: Whole<Value[Key]> }
    : Value;`;

test("every sample has exactly the keys of its data type", () => {
  const imports = `import type { EventDataByType } from ${JSON.stringify(resolve("src/kinde/event-data.ts"))};`;
  const modules = fixtures.map(({ type, data }) => ({
    name: type,
    text: `${imports}\n${whole}\nexport const data: Whole<EventDataByType["${type}"]> = ${JSON.stringify(data)};`,
  }));
  expect(compile(modules)).toBe("");
});

test("every sample of a type that @kinde/webhooks declares has exactly the keys it declares", () => {
  const declarations = JSON.stringify(resolve("node_modules/@kinde/webhooks/dist/types.d.ts"));
  const header = `import type { WebhookEvent } from ${declarations};
${whole}
type DataOf<Type, Event = WebhookEvent> = Event extends { type: infer Known extends string; data: infer Data }
  ? \`\${Known}\` extends Type ? Data : never
  : never;`;
  const modules = fixtures
    .filter(({ confidence }) => confidence !== "unverified")
    .map((fixture) => ({
      name: fixture.type,
      text: `${header}\nexport const data: Whole<DataOf<"${fixture.type}">> = ${JSON.stringify(withoutRoles(fixture))};`,
    }));
  expect(modules).toHaveLength(16);
  expect(compile(modules)).toBe("");
});

/** Captured tokens show a user's roles as objects with `id` and `key`; the package declares texts. We follow the tokens. */
function withoutRoles({ data }: EventFixture): unknown {
  return JSON.parse(JSON.stringify(data), (key, value: unknown) => (key === "roles" ? null : value));
}

/** What the compiler has to say about these modules; nothing when they are right. */
function compile(modules: readonly { name: string; text: string }[]): string {
  using directory = createTemporaryDirectory();
  for (const { name, text } of modules) writeFileSync(join(directory.path, `${name}.ts`), text);
  const compilerOptions = {
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    exactOptionalPropertyTypes: true,
    module: "nodenext",
    target: "es2022",
    types: [],
  };
  writeFileSync(
    join(directory.path, "tsconfig.json"),
    JSON.stringify({ compilerOptions, include: ["*.ts"] }),
  );
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [resolve("node_modules/typescript/bin/tsc"), "-p", directory.path, "--pretty", "false"],
    { encoding: "utf8" },
  );
  return status === 0 ? "" : stdout + stderr;
}
