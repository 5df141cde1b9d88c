import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ReaderProject } from "./reader-project.ts";

export interface VitestRun {
  readonly code: number | null;
  /** The titles, in the order of the file. */
  readonly passed: readonly string[];
  readonly failed: readonly string[];
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

/** `vitest run`, as the scripts of a package.json have it, and what it reports. */
export async function runVitest(project: ReaderProject, args: readonly string[] = []): Promise<VitestRun> {
  const report = join(project.path, "report.json");
  const { code, output } = await project.run([
    "node_modules/vitest/vitest.mjs",
    "run",
    "--reporter=json",
    `--outputFile=${report}`,
    ...args,
  ]);
  try {
    return { code, ...readReport(report) };
  } catch (cause) {
    throw new Error(`vitest reported nothing:\n${output}`, { cause });
  }
}

function readReport(path: string): Pick<VitestRun, "passed" | "failed"> {
  const { testResults } = JSON.parse(readFileSync(path, "utf8")) as Report;
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  const titles = (status: string): string[] =>
    results.filter((result) => result.status === status).map(({ title }) => title);
  return { passed: titles("passed"), failed: titles("failed") };
}
