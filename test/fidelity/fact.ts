import type { Evidence } from "./evidence.ts";

/** Something that Kinde does, how sure that is, and what we do; each in Markdown. */
export interface Fact {
  readonly kinde: string;
  readonly sure: string;
  readonly weDo: string;
  /** Fails when we do something else. */
  readonly prove: (evidence: Evidence) => void | Promise<void>;
}
