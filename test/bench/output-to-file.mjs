// Loaded ahead of a program: its stdout goes to the file that OUTPUT_FILE names. Read through a pipe, what it
// writes would cost the process that measures it.
import { closeSync, openSync } from "node:fs";

closeSync(1);
// The lowest free descriptor is the next one opened: stdout.
openSync(process.env.OUTPUT_FILE, "w");
