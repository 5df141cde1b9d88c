import type { Response } from "express";

/** @param what `delivery`, `webhook` */
export function answerUnknown(response: Response, what: string, id: string): void {
  response
    .status(404)
    .json({ errors: [{ code: `ERR_UNKNOWN_${what.toUpperCase()}`, message: `There is no ${what} ${id}.` }] });
}
