/** Base of every error a user can cause or meet. `code` is part of the API; the sentence is not. */
export abstract class DevhookError extends Error {
  /** Stable: scripts and tests compare it. */
  abstract readonly code: `ERR_${string}`;
  /**
   * What the command line exits with: 1 the outcome failed, 2 usage or configuration, 3 the issuer or tunnel can't be had;
   * of a command that can't be run 126 and 127, as shells have it.
   */
  readonly exitCode: 1 | 2 | 3 | 126 | 127 = 2;

  override get name(): string {
    return this.constructor.name;
  }
}

/** True for errors that deserve one line; anything else is a bug of ours and deserves its stack. */
export function isUserError(error: unknown): error is DevhookError {
  return error instanceof DevhookError;
}

/** The code of an error of the system (`ENOENT`, `EACCES`), if it is one. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** An option has a value it can't have. */
export class InvalidOptionError extends DevhookError {
  override readonly code = "ERR_INVALID_OPTION";
  /** The option as the user wrote it: `--timeout`, `KINDE_DEVHOOK_TIMEOUT`, `createEvent source`. */
  readonly option: string;
  readonly expected: string;
  readonly got: string;
  constructor(option: string, expected: string, got: string, advice?: string) {
    super(
      `Failed to read ${option}: expected ${expected}, got ${got}.${advice === undefined ? "" : ` ${advice}`}`,
    );
    this.option = option;
    this.expected = expected;
    this.got = got;
  }
}

export class UnknownEventTypeError extends DevhookError {
  override readonly code = "ERR_UNKNOWN_EVENT_TYPE";
  readonly eventType: string;
  readonly closest: string | undefined;
  constructor(eventType: string, closest: string | undefined) {
    const shown = eventType.length > 100 ? `${eventType.slice(0, 100)}…` : eventType;
    super(
      `Failed to find event type "${shown}": Kinde has no such event type.` +
        (closest === undefined ? "" : ` Did you mean "${closest}"?`) +
        " `npx kinde-devhook triggers` lists them all.",
    );
    this.eventType = eventType;
    this.closest = closest;
  }
}

/** A path of `--set` or `--unset`, or a key inside data, can't be applied to the sample. */
export class InvalidPathError extends DevhookError {
  override readonly code = "ERR_INVALID_PATH";
  readonly path: string;
  constructor(path: string, cause: string, advice: string) {
    super(`Failed to apply "${path}": ${cause}. ${advice}`);
    this.path = path;
  }
}
