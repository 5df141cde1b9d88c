/** `KINDE_ISSUER_URL` while mocks of a test file run: theirs, and afterwards what it was before the first of them. */
let holders = 0;
let before: string | undefined;

/** @returns what gives it back; with the last one it is as it was */
export function holdIssuerVariable(): () => void {
  if (holders++ === 0) before = process.env["KINDE_ISSUER_URL"];
  return () => {
    if (--holders > 0) return;
    if (before === undefined) delete process.env["KINDE_ISSUER_URL"];
    else process.env["KINDE_ISSUER_URL"] = before;
  };
}

export function setIssuerVariable(issuer: string): void {
  process.env["KINDE_ISSUER_URL"] = issuer;
}
