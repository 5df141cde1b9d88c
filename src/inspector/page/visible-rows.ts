/** Rows beyond what is seen, above and below, so that scrolling meets no gap. */
const spareRows = 8;

/** Which rows are to be drawn. @returns indices: from, and up to but without */
export function visibleRows(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
): readonly [from: number, to: number] {
  const from = Math.max(0, Math.floor(scrollTop / rowHeight) - spareRows);
  const to = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + spareRows);
  return [Math.min(from, to), to];
}
