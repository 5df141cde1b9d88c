/** Rows of text as lines, columns aligned. Columns named in `right` are aligned to the right. */
export function formatTable(
  columns: readonly string[],
  rows: readonly object[],
  right?: readonly string[],
): string[];
