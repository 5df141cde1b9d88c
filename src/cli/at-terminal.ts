import { isatty } from "node:tty";

/**
 * Whether somebody reads what a command says and can press keys at it, while it is in the foreground. Asked of the
 * system: a stream that is only looked at would be opened.
 */
export function isAtTerminal({ isJson }: { readonly isJson: boolean }): boolean {
  return !isJson && isatty(0) && isatty(1);
}
