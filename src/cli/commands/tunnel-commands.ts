/** `tunnel`, and what looks at the same things: in one module, for the reason that `deliver-commands` gives. */
export { runDoctor } from "./doctor-run.ts";
export { runTunnel } from "./tunnel-run.ts";
