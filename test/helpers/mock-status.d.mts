import type { Status } from "../../src/inspector/protocol.ts";

/** How a mock is of which nothing is known yet. */
export const mockStatus: Status;
