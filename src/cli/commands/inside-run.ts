/** `replay` and `history` inside a `run`: its mock keeps what it delivers itself, and the project's history has none of it. */
import { DevhookError } from "../../kinde/errors.ts";
import type { Context } from "../command.ts";

/** What is meant inside a `run` is hardly what the project's history has, and its mock need not verify that. */
export class InsideRunError extends DevhookError {
  override readonly code = "ERR_INSIDE_RUN";
  constructor() {
    super(
      "Failed to replay inside a `run`: its mock keeps what it delivers itself, while `replay` sends what the project's history has, " +
        "signed with keys that this mock need not serve. Ask the mock: " +
        'curl -X POST "$KINDE_DEVHOOK_URL/_devhook/api/deliveries/last/replay" -H "Authorization: Bearer $KINDE_DEVHOOK_TOKEN". ' +
        "Without KINDE_DEVHOOK_URL and KINDE_DEVHOOK_TOKEN it is the project's history.",
    );
  }
}

/** @throws {InsideRunError} `ERR_INSIDE_RUN` */
export function assertNotInsideRun(context: Context): void {
  if (isInsideRun(context)) throw new InsideRunError();
}

/** Says whose history is shown, where another might be expected. */
export function noteInsideRun(context: Context): void {
  if (!isInsideRun(context)) return;
  context.reporter.note(
    "This is the project's history. What the mock of this `run` delivers it keeps itself: " +
      'curl "$KINDE_DEVHOOK_URL/_devhook/api/deliveries" -H "Authorization: Bearer $KINDE_DEVHOOK_TOKEN".',
  );
}

function isInsideRun({ environment }: Pick<Context, "environment">): boolean {
  return Boolean(environment["KINDE_DEVHOOK_URL"]);
}
