import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deliveryText } from "../../src/delivery/delivery-json.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { ownIdentity } from "../../src/project/process-identity.ts";
import { sampleAttempt, sampleDelivery } from "../delivery/sample-delivery.ts";
import { ensureDirectory } from "../../src/project/directory.ts";
import { createTemporaryProject, modeOf, withUmask } from "../project/temporary-project.ts";
import { openPendingOf, pendingDirectory } from "./pending-of.ts";

const own = ownIdentity();
/** No process has it: it is above what systems give out. */
const deadOwner = "4194999-1";

function delivery(number: number, attempts = 0, members: Partial<Delivery> = {}): Delivery {
  return sampleDelivery({
    id: `dlv_${number}`,
    attempts: Array.from({ length: attempts }, (_, index) =>
      sampleAttempt({ number: index + 1, status: 500 }),
    ),
    ...members,
  });
}

describe("what is pending", () => {
  test("when its process closes is the next one's, in its last state; what has ended is nobody's", () => {
    using project = createTemporaryProject();
    const first = openPendingOf(project);
    first.keep(delivery(1));
    first.keep(delivery(2));
    first.keep(delivery(3));
    first.keep(delivery(1, 1));
    first.keep(delivery(2, 1, { state: "delivered" }));
    first.keep(delivery(3, 1, { state: "failed", failedReason: "disabled" }));
    first.close();
    const second = openPendingOf(project);
    expect(second.claim()).toEqual([delivery(1, 1)]);
    expect(second.claim()).toEqual([]);
    expect(openPendingOf(project).claim()).toEqual([]);
  });

  test("keeps its token, and all that a record has", () => {
    using project = createTemporaryProject();
    const whole = delivery(1, 2, { token: "e30.e30.c2ln", nextAttemptAt: "2026-01-02T03:04:10.000Z" });
    const first = openPendingOf(project);
    first.keep(whole);
    first.close();
    expect(openPendingOf(project).claim()).toEqual([whole]);
  });

  test("leaves no file when nothing is, and makes none before something is", () => {
    using project = createTemporaryProject();
    const file = openPendingOf(project);
    file.keep(delivery(1, 1, { state: "delivered" }));
    file.close();
    expect(existsSync(pendingDirectory(project))).toBe(false);
    file.keep(delivery(1));
    file.keep(delivery(1, 1, { state: "delivered" }));
    file.close();
    expect(namesIn(project)).toEqual([]);
  });

  test("is readable by its user alone, whatever the umask, also once it was written anew", async () => {
    using project = createTemporaryProject();
    await withUmask(0, () => {
      const file = openPendingOf(project, { compactBytes: 1 });
      expect(modeOf(withFile(() => file.keep(delivery(1))))).toBe(0o600);
      for (let attempts = 1; attempts < 9; attempts++) file.keep(delivery(1, attempts));
      expect(modeOf(withFile(() => file.keep(delivery(1, 9))))).toBe(0o600);
      expect(modeOf(withFile(file.close))).toBe(0o600);
    });
    expect(modeOf(pendingDirectory(project))).toBe(0o700);

    function withFile(work: () => void): string {
      work();
      const [name, ...others] = namesIn(project);
      expect(others).toEqual([]);
      return join(pendingDirectory(project), name!);
    }
  });
});

describe("the file of a process", () => {
  test.each([
    ["that lives", `${own.pid}-${own.started}`, false],
    ["whose start can't be told, and whose number lives", `${own.pid}-`, false],
    ["that has gone", deadOwner, true],
    ["that has gone, with a later one of the same number", `${own.pid}-1`, process.platform === "linux"],
    ["that has closed", "left", true],
  ])("%s: %s is taken: %s", (_, owner, isTaken) => {
    using project = createTemporaryProject();
    leave(project, `${owner}.00000000000000ff.ndjson`, [delivery(1)]);
    expect(openPendingOf(project).claim()).toEqual(isTaken ? [delivery(1)] : []);
  });

  test.each([
    "left.ndjson",
    "notes.txt",
    ".left.ff.ndjson",
    "12.ff.ndjson",
    "left.FF.ndjson",
    "left.ff.ndjson.swp",
  ])("has a name of its own: %s is none, and stays", (name) => {
    using project = createTemporaryProject();
    leave(project, name, [delivery(1)]);
    expect(openPendingOf(project).claim()).toEqual([]);
    expect(namesIn(project)).toEqual([name]);
  });

  test("that was killed in the middle of a line is read as far as it goes", () => {
    using project = createTemporaryProject();
    const path = leave(project, `${deadOwner}.ff.ndjson`, [delivery(1), delivery(2)]);
    for (const part of [deliveryText(delivery(2, 1)), "\n{", "\nnull\n", "\n[1]\n", "\n{}\n", "\n\0\0\0"]) {
      appendFileSync(path, part.slice(0, Math.min(part.length, 40)));
    }
    expect(openPendingOf(project).claim()).toEqual([delivery(1), delivery(2)]);
  });

  test("is written anew when what has ended is most of it, and what is pending stays", () => {
    using project = createTemporaryProject();
    const file = openPendingOf(project, { compactBytes: 20_000 });
    file.keep(delivery(0));
    let largest = 0;
    for (let number = 1; number <= 500; number++) {
      file.keep(delivery(number));
      file.keep(delivery(number, 1, { state: "delivered" }));
      const sizes = namesIn(project).map((name) => statSync(join(pendingDirectory(project), name)).size);
      largest = Math.max(largest, ...sizes);
    }
    expect(largest).toBeLessThan(25_000);
    file.close();
    expect(openPendingOf(project).claim()).toEqual([delivery(0)]);
  });

  test("that can't be written anew stays whole: what has ended since is not taken for pending", () => {
    using project = createTemporaryProject();
    // Which of two files is read first is chance: one of several rounds would meet the wrong order.
    for (let round = 0; round < 8; round++) {
      let isFull = false;
      const file = openPendingOf(project, {
        compactBytes: 5_000,
        ensureDirectory: () => {
          if (isFull) throw new Error("no space left on device");
          ensureDirectory(project, "pending");
        },
      });
      file.keep(delivery(1));
      isFull = true;
      expect(() => {
        for (let attempts = 1; attempts < 9; attempts++) file.keep(delivery(2, attempts));
      }).toThrow("no space");
      isFull = false;
      for (const number of [1, 2]) file.keep(delivery(number, 9, { state: "delivered" }));
      file.keep(delivery(3));
      // As if the process had been killed now.
      for (const name of namesIn(project)) {
        const left = name.replace(/^[^.]+/, deadOwner);
        renameSync(join(pendingDirectory(project), name), join(pendingDirectory(project), left));
      }
      expect(openPendingOf(project).claim()).toEqual([delivery(3)]);
      rmSync(pendingDirectory(project), { recursive: true });
    }
  });

  test("gets what could not be written as soon as there is room, at its close at the latest", () => {
    using project = createTemporaryProject();
    for (const isKeptAfter of [true, false]) {
      let isFull = true;
      const file = openPendingOf(project, {
        ensureDirectory: () => {
          if (isFull) throw new Error("no space left on device");
          ensureDirectory(project, "pending");
        },
      });
      expect(() => file.keep(delivery(1))).toThrow("no space");
      expect(() => file.keep(delivery(2))).toThrow("no space");
      expect(file.close).toThrow("no space");
      isFull = false;
      if (isKeptAfter) file.keep(delivery(3));
      file.close();
      const expected = isKeptAfter ? [1, 2, 3] : [1, 2];
      expect(openPendingOf(project).claim()).toEqual(expected.map((number) => delivery(number)));
      rmSync(pendingDirectory(project), { recursive: true });
    }
  });

  test("with nothing pending is emptied when it is large", () => {
    using project = createTemporaryProject();
    const file = openPendingOf(project, { compactBytes: 5_000 });
    for (let number = 1; number <= 100; number++) {
      file.keep(delivery(number));
      file.keep(delivery(number, 1, { state: "delivered" }));
    }
    const [name] = namesIn(project);
    expect(readFileSync(join(pendingDirectory(project), name!)).length).toBeLessThan(7_000);
    file.keep(delivery(101));
    file.close();
    expect(openPendingOf(project).claim()).toEqual([delivery(101)]);
  });
});

function namesIn(project: Parameters<typeof pendingDirectory>[0]): string[] {
  const directory = pendingDirectory(project);
  return existsSync(directory) ? readdirSync(directory) : [];
}

/** A file as another process would have left it. @returns its path */
function leave(
  project: Parameters<typeof openPendingOf>[0],
  name: string,
  deliveries: readonly Delivery[],
): string {
  const file = openPendingOf(project);
  // The directory is made as a process makes it.
  file.keep(delivery(99));
  file.keep(delivery(99, 1, { state: "delivered" }));
  file.close();
  const path = join(pendingDirectory(project), name);
  writeFileSync(path, deliveries.map(deliveryText).join(""), { mode: 0o600 });
  return path;
}
