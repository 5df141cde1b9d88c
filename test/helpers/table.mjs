/** Rows of text as lines, columns aligned. Columns named in `right` are aligned to the right. */
export function formatTable(columns, rows, right = []) {
  const texts = rows.map((row) => columns.map((column) => String(row[column] ?? "")));
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...texts.map((row) => row[index].length)),
  );
  const line = (cells) =>
    cells
      .map((cell, index) =>
        right.includes(columns[index]) ? cell.padStart(widths[index]) : cell.padEnd(widths[index]),
      )
      .join("  ")
      .trimEnd();
  return [line(columns), line(widths.map((width) => "─".repeat(width))), ...texts.map(line)];
}
