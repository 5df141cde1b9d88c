/** What an answer probably means, for the developer whose webhook is refused. */
import { plainText } from "./answer-text.ts";
import type { Attempt, Delivery } from "./delivery.ts";
import type { HintContext, HintName, HintRow } from "./hint-row.ts";
import { answerHints } from "./hints-of-answers.ts";
import { connectionHints } from "./hints-of-connections.ts";
import { refusalHints } from "./hints-of-refusals.ts";

export type { HintContext } from "./hint-row.ts";

export interface Hint {
  readonly name: HintName;
  /** A code where the answer deserves a warning of its own. */
  readonly code?: "WARN_NOT_200";
  readonly message: string;
}

/** The table: the first row that matches says what it probably is. */
export const hints: readonly HintRow[] = [...refusalHints, ...answerHints, ...connectionHints];

/** The likely cause of an attempt that was not delivered and what to do, or `undefined` when nothing is known. */
export function hintFor(attempt: Attempt, context: HintContext): Hint | undefined {
  const { status, request, response } = attempt;
  const isDelivered = status === context.expectedStatus;
  const facts = {
    attempt,
    context,
    status,
    endpoint: new URL(request.url),
    text: isDelivered ? "" : plainText(response?.body ?? ""),
  };
  const row = hints.find(
    ({ matches, isOfDelivered = false }) => isOfDelivered === isDelivered && matches(facts),
  );
  if (row === undefined) return undefined;
  return { name: row.name, ...(row.code !== undefined && { code: row.code }), message: row.message(facts) };
}

/** Whose key signed an event, for its hint; `undefined` when it is this project's own, or nobody's. */
export function signerOf(
  { verification }: Pick<Delivery, "verification">,
  localIssuer: string,
): string | undefined {
  return verification.status === "verified" && verification.issuer !== localIssuer
    ? verification.issuer
    : undefined;
}
