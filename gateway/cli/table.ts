import { escapeText } from "./escape.ts";

/** Columns that a table fits into. */
const tableColumns = 100;
const gap = "  ";

/**
 * A table for people: headings and cells, left aligned, at most 100 columns wide. The widest column
 * gives way first; a cell that is cut ends in `…`. Cells are escaped.
 */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows.map((row) => row.map(escapeText))];
  const widths = fit(headings.map((_, index) => widest(lines, index)));
  return lines.map((line) => formatLine(line, widths)).join("\n");
}

function widest(lines: readonly (readonly string[])[], index: number): number {
  return Math.max(...lines.map((line) => (line[index] ?? "").length));
}

function fit(widths: readonly number[]): readonly number[] {
  const room = tableColumns - gap.length * (widths.length - 1);
  const fitted = [...widths];
  while (sum(fitted) > room) {
    const index = fitted.indexOf(Math.max(...fitted));
    const others = Math.max(...fitted.filter((_, at) => at !== index), 1);
    const excess = sum(fitted) - room;
    fitted[index] = Math.max(
      (fitted[index] ?? 1) - excess,
      Math.min(others, (fitted[index] ?? 1) - 1),
    );
  }
  return fitted;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function formatLine(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, index) => cut(cell, widths[index] ?? 0))
    .join(gap)
    .trimEnd();
}

function cut(cell: string, width: number): string {
  return cell.length > width ? `${cell.slice(0, width - 1)}…` : cell.padEnd(width);
}
