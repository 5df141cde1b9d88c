/** The README's GitHub Actions job: it is well formed, and what it runs tests a reader's project. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { isCi } from "../helpers/ci.ts";
import { blockWith, readme } from "../helpers/readme.ts";
import { writeFiles, type Run } from "./reader-project.ts";
import { createRegistryProject, installedVersion, type RegistryProject } from "./registry-project.ts";
import { replaced } from "./replaced.ts";

interface Workflow {
  readonly on: readonly string[];
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly "runs-on": string;
  readonly steps: readonly Step[];
}

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string | number>>;
  readonly run?: string;
}

const workflow = parse(blockWith("yaml", "runs-on")) as Workflow;
const [job, ...otherJobs] = Object.values(workflow.jobs);
const { steps } = job!;
const commands = steps.flatMap(({ run }) => run ?? []);
const node = String(
  steps.find(({ uses }) => uses?.startsWith("actions/setup-node@"))?.with?.["node-version"],
);

test("the workflow is one job that checks out, sets up Node, installs and tests", () => {
  expect(Object.keys(workflow)).toEqual(["name", "on", "jobs"]);
  expect(workflow.on).toEqual(["push", "pull_request"]);
  expect(otherJobs).toEqual([]);
  expect(Object.keys(job!)).toEqual(["runs-on", "steps"]);
  expect(steps.map(({ uses, run }) => run ?? uses?.replace(/@v\d+$/, ""))).toEqual([
    "actions/checkout",
    "actions/setup-node",
    "npm ci",
    "npm test",
  ]);
});

// It asks the registry for what the README's reader has installed.
describe.skipIf(!isCi)(`in a new project, on Node ${node}`, () => {
  const timeout = 240_000;
  const route = blockWith("ts", "export async function POST");
  let project: RegistryProject;

  beforeAll(async () => {
    project = await createRegistryProject({
      node,
      files: { "app/api/webhook/route.test.ts": blockWith("ts", 'import("./route")') },
      dependencies: Object.fromEntries(
        ["@kinde/webhooks", "vitest"].map((name) => [name, installedVersion(name)]),
      ),
      // As the sentence above the job has it.
      testScript: /(?<=`"test": ")[^"]+/.exec(readme)![0],
    });
  }, timeout);

  afterAll(() => project[Symbol.dispose]());

  test("its steps end with 0, and the tests have run", { timeout }, async () => {
    writeFiles(project.path, { "app/api/webhook/route.ts": route });
    const { code, output } = await runSteps();
    expect(output).toMatch(/Tests +2 passed \(2\)/);
    expect(code).toBe(0);
  });

  test("they fail when the handler takes what anybody signed", { timeout }, async () => {
    writeFiles(project.path, { "app/api/webhook/route.ts": replaced(route, "event === null", "false") });
    const { code, output } = await runSteps();
    expect(output).toMatch(/Tests +1 failed \| 1 passed \(2\)/);
    expect(code).toBe(1);
  });

  /** One after the other, until one fails. */
  async function runSteps(): Promise<Run> {
    let output = "";
    for (const command of commands) {
      const run = await project.run(command);
      output += run.output;
      if (run.code !== 0) return { code: run.code, output };
    }
    return { code: 0, output };
  }
});
