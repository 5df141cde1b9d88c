/** The README's GitHub Actions job: it is well formed, and what it runs tests a reader's project. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { isCi } from "../helpers/ci.ts";
import { blockWith, readme } from "../helpers/readme.ts";
import { writeFiles, type Run } from "./reader-project.ts";
import { createRegistryProject, installedVersion, type RegistryProject } from "./registry-project.ts";
import { replaced } from "./replaced.ts";

/** It gets its events from the fake Kinde around it, through the control API. */
const testWithoutMock = `
  import { createServer } from "node:http";
  import { text } from "node:stream/consumers";
  import { expect, test } from "vitest";
  import { POST } from "./route";

  test("takes what the Kinde beside it signed", async () => {
    const server = createServer(async (request, response) => {
      const body = await text(request);
      const { status } = await POST(new Request("http://localhost/", { method: "POST", body }));
      response.writeHead(status).end();
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { KINDE_DEVHOOK_URL, KINDE_DEVHOOK_TOKEN } = process.env;
    const answer = await fetch(KINDE_DEVHOOK_URL + "/_devhook/api/emit", {
      method: "POST",
      headers: { authorization: "Bearer " + KINDE_DEVHOOK_TOKEN, "content-type": "application/json" },
      body: JSON.stringify({ type: "user.created", to: "http://127.0.0.1:" + server.address().port }),
    });
    server.close();
    const { deliveries } = await answer.json();
    expect(deliveries[0].attempts[0].status).toBe(200);
  });
`;

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
/** The step that the README has in place of the last one, for suites that need a Kinde beside them. */
const [besideStep, ...otherSteps] = parse(blockWith("yaml", "kinde-devhook run")) as Step[];
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

test("with a Kinde beside it the last line alone is another", () => {
  expect(otherSteps).toEqual([]);
  expect(besideStep).toEqual({ run: `npx kinde-devhook run -- ${commands.at(-1)}` });
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
    const { code, output } = await runSteps(commands);
    expect(output).toMatch(/Tests +2 passed \(2\)/);
    expect(code).toBe(0);
  });

  test("they fail when the handler takes what anybody signed", { timeout }, async () => {
    writeFiles(project.path, { "app/api/webhook/route.ts": replaced(route, "event === null", "false") });
    const { code, output } = await runSteps(commands);
    expect(output).toMatch(/Tests +1 failed \| 1 passed \(2\)/);
    expect(code).toBe(1);
  });

  test("with a Kinde beside it a test without one of its own has it", { timeout }, async () => {
    writeFiles(project.path, {
      "app/api/webhook/route.ts": route,
      "app/api/webhook/route.test.ts": testWithoutMock,
    });
    const beside = await runSteps([...commands.slice(0, -1), besideStep!.run!]);
    expect(beside.output).toContain("kinde-devhook: fake Kinde at http://localhost:");
    expect(beside.output).toMatch(/Tests +1 passed \(1\)/);
    expect(beside.code).toBe(0);
    const alone = await runSteps(commands);
    expect(alone.output).toMatch(/Tests +1 failed \(1\)/);
    expect(alone.code).toBe(1);
  });

  /** One after the other, until one fails. */
  async function runSteps(scripts: readonly string[]): Promise<Run> {
    let output = "";
    for (const command of scripts) {
      const run = await project.run(command);
      output += run.output;
      if (run.code !== 0) return { code: run.code, output };
    }
    return { code: 0, output };
  }
});
