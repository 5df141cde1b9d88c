/** What processes keep pending, against a model: any number of changes, crashes, ends and claims, in any order. */
import { appendFileSync, existsSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { deliveryText } from "../../src/delivery/delivery-json.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import type { PendingFile } from "../../src/history/pending-file.ts";
import type { Project } from "../../src/project/directory.ts";
import { sampleAttempt, sampleDelivery } from "../delivery/sample-delivery.ts";
import { createTemporaryProject } from "../project/temporary-project.ts";
import { openPendingOf, pendingDirectory } from "./pending-of.ts";

interface Step {
  readonly kind: "begin" | "attempt" | "end" | "crash" | "close" | "claim";
  readonly process: number;
  /** Which of those that the process has. */
  readonly picked: number;
}

const kinds = ["begin", "begin", "attempt", "attempt", "attempt", "end", "crash", "close", "claim"] as const;
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ kind: fc.constantFrom(...kinds), process: fc.integer({ min: 0, max: 2 }), picked: fc.nat(50) }),
  { maxLength: 60 },
);

test("nothing that is pending is lost, and nothing is had twice", () => {
  let seen = 0;
  fc.assert(
    fc.property(steps, (given) => {
      using project = createTemporaryProject();
      const model = createModel(project);
      for (const step of given) model.take(step);
      // The last one gets all that nobody has any more.
      for (const process of [0, 1, 2]) model.take({ kind: "close", process, picked: 0 });
      model.take({ kind: "claim", process: 0, picked: 0 });
      model.take({ kind: "close", process: 0, picked: 0 });
      expect(model.claimed).toEqual(model.expected);
      seen += model.claimed.flat().length;
    }),
    { numRuns: 100 },
  );
  expect(seen).toBeGreaterThan(0);
});

interface Model {
  take(step: Step): void;
  /** What each claim has given, by id. */
  readonly claimed: readonly (readonly Delivery[])[];
  /** What it had to give. */
  readonly expected: readonly (readonly Delivery[])[];
}

interface Owner {
  readonly file: PendingFile;
  /** What it has, as it last was. */
  readonly has: Map<string, Delivery>;
}

/** Three processes, and what nobody has any more. */
function createModel(project: Project): Model {
  // Small enough for files to be written anew in the middle.
  const start = (): Owner => ({ file: openPendingOf(project, { compactBytes: 3_000 }), has: new Map() });
  const owners = [start(), start(), start()];
  const left = new Map<string, Delivery>();
  const claimed: (readonly Delivery[])[] = [];
  const expected: (readonly Delivery[])[] = [];
  let begun = 0;

  const change = ({ file, has }: Owner, delivery: Delivery): void => {
    file.keep(delivery);
    if (delivery.state === "pending") has.set(delivery.id, delivery);
    else has.delete(delivery.id);
  };
  const changeOne = (owner: Owner, picked: number, next: (delivery: Delivery) => Delivery): void => {
    const one = [...owner.has.values()][picked % Math.max(owner.has.size, 1)];
    if (one !== undefined) change(owner, next(one));
  };
  const end = (index: number, leave: (file: PendingFile) => void): void => {
    const { file, has } = owners[index]!;
    leave(file);
    for (const [id, delivery] of has) left.set(id, delivery);
    owners[index] = start();
  };
  return {
    claimed,
    expected,
    take: ({ kind, process: index, picked }) => {
      const owner = owners[index]!;
      switch (kind) {
        case "begin":
          return change(owner, sampleDelivery({ id: `dlv_${String(begun++).padStart(3, "0")}` }));
        case "attempt":
          return changeOne(owner, picked, withAttempt);
        case "end":
          return changeOne(owner, picked, (delivery) => ({ ...delivery, state: "delivered" }));
        case "close":
          return end(index, (file) => file.close());
        case "crash":
          return end(index, (file) => crash(file, pendingDirectory(project)));
        case "claim":
          claimed.push([...owner.file.claim()].sort(byId));
          expected.push([...left.values()].sort(byId));
          for (const [id, delivery] of left) owner.has.set(id, delivery);
          return left.clear();
        default:
          return kind satisfies never;
      }
    },
  };
}

/** What it leaves has the name of a process that is no more, and a torn line at its end. */
function crash(file: PendingFile, directory: string): void {
  const listed = (): string[] => (existsSync(directory) ? readdirSync(directory) : []);
  const before = new Set(listed());
  file.close();
  for (const name of listed().filter((each) => !before.has(each))) {
    // Above what systems give out as a process id.
    const dead = join(directory, name.replace(/^left/, "4194999-1"));
    renameSync(join(directory, name), dead);
    appendFileSync(dead, deliveryText(sampleDelivery({ id: "dlv_torn" })).slice(0, 50));
  }
}

function withAttempt(delivery: Delivery): Delivery {
  const attempt = sampleAttempt({ number: delivery.attempts.length + 1, status: 500 });
  return { ...delivery, attempts: [...delivery.attempts, attempt] };
}

function byId(a: Delivery, b: Delivery): number {
  return a.id.localeCompare(b.id);
}
