/** Tables in the README, written as the formatter leaves them. */

/** A row of cells, Markdown in each. */
export type Row = readonly string[];

/** A table whose columns are as wide as their widest cell. */
export function formatTable(heads: Row, rows: readonly Row[]): string {
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: Row): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return [line(heads), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** The cells of a table in a text: those of its rows, without the heads. */
export function readRows(table: string): Row[] {
  const lines = table.split("\n").filter((line) => line.startsWith("| "));
  return lines.slice(2).map((line) =>
    line
      .slice(2, -2)
      .split(" | ")
      .map((cell) => cell.trim()),
  );
}

/** What stands between `<!-- kind: name -->` and `<!-- /kind -->`. */
export function readBlock(text: string, name: string, kind = "fidelity"): string {
  return splitAtBlock(text, name, kind)[1];
}

/** The text with another content in a block. */
export function replaceBlock(text: string, name: string, content: string, kind = "fidelity"): string {
  const [before, , after] = splitAtBlock(text, name, kind);
  return `${before}\n\n${content}\n\n${after}`;
}

function splitAtBlock(
  text: string,
  name: string,
  kind: string,
): [before: string, content: string, after: string] {
  const [start, end] = [`<!-- ${kind}: ${name} -->`, `<!-- /${kind} -->`];
  const from = text.indexOf(start);
  const to = text.indexOf(end, from);
  if (from === -1 || to === -1) throw new Error(`the README has no block ${start} … ${end}`);
  const begin = from + start.length;
  return [text.slice(0, begin), text.slice(begin, to), text.slice(to)];
}
