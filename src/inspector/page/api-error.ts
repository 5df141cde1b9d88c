/** What an answer of the control API says no with, or that none came. */
export class ApiError extends Error {
  /** Stable, `ERR_…`; `ERR_NO_ANSWER` when nothing answered. */
  readonly code: string;
  /** `null` when nothing answered. */
  readonly status: number | null;

  constructor(code: string, message: string, status: number | null) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
