/**
 * The commands that deliver, in one module: it is loaded when one of them runs, and what several such modules share would
 * lie in files of its own, each of which costs a start.
 */
export { deliverEvents } from "./emit-deliver.ts";
export { runHistory } from "./history-run.ts";
export { runMock } from "./mock-run.ts";
export { runReplay } from "./replay-run.ts";
export { runCommand } from "./run-run.ts";
