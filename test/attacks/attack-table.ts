/** The whole table: what is sent at the gate, and why it does not get in. */
import { algorithmAttacks } from "./algorithm-attacks.ts";
import type { Attack } from "./attack.ts";
import { claimsAttacks } from "./claims-attacks.ts";
import { framingAttacks } from "./framing-attacks.ts";
import { keyAttacks } from "./key-attacks.ts";
import { limitAttacks, slowAttacks } from "./limit-attacks.ts";
import { lineAttacks } from "./line-attacks.ts";
import { requestAttacks } from "./request-attacks.ts";
import { tokenAttacks } from "./token-attacks.ts";

export const attackTable: Readonly<Record<string, readonly Attack[]>> = {
  algorithms: algorithmAttacks,
  keys: keyAttacks,
  tokens: tokenAttacks,
  claims: claimsAttacks,
  requests: requestAttacks,
  framing: framingAttacks,
  lines: lineAttacks,
  limits: limitAttacks,
  slowness: slowAttacks,
};

export const attacks: readonly Attack[] = Object.values(attackTable).flat();
