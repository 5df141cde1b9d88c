import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";

// More than are open at once while a module is loaded with all that it imports.
const count = 32;

/**
 * Makes sure that an `import()` does not meet the limit of open files: Node keeps one that has failed, and fails it for
 * good.
 * @throws the system's error, as `EMFILE`, when there are too few left
 */
export function ensureFreeDescriptors(): void {
  const descriptors: number[] = [];
  try {
    while (descriptors.length < count) descriptors.push(openSync(devNull, "r"));
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor);
  }
}
