/**
 * What a tunnel needs when it sends of its own accord, which most never do, in one module: what two such modules shared with
 * the commands would lie in files of its own, each of which costs a start.
 */
export { createMock } from "../mock/mock.ts";
export { createShield } from "../relay/shield.ts";
