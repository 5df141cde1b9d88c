/** What was written as the end of a line of the terminal: with a capital, and a full stop where it has no other end. */
export function asSentence(line: string): string {
  const begun = line.charAt(0).toUpperCase() + line.slice(1);
  return /[.?!…]$/.test(begun) ? begun : `${begun}.`;
}
