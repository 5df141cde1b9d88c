/** In CI nothing may be skipped for want of a program: what is missing there is a failure. */
export const isCi: boolean = process.env["CI"] !== undefined && process.env["CI"] !== "false";
