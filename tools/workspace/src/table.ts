/** How a column stands. */
export type Align = "left" | "right";

/**
 * Lays rows out as aligned columns of plain text.
 *
 * @param header the first line; it is underlined
 * @param rows cells as text, as many as the header has
 * @param align one for each column; left where it is not given
 * @returns lines joined with newlines, no newline at the end
 */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly Align[] = [],
): string {
  const widths = header.map((cell, i) =>
    rows.reduce((width, row) => Math.max(width, (row[i] ?? "").length), cell.length),
  );
  const line = (cells: readonly string[]) =>
    widths
      .map((width, i) => {
        const cell = cells[i] ?? "";
        return align[i] === "right" ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  return [line(header), rule, ...rows.map(line)].join("\n");
}
