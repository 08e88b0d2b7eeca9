/** The figures of one part of the bench, a line each, for people. */
export function figureLines(figures: object): readonly string[] {
  const lines = flatten(figures, "");
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

function flatten(value: unknown, name: string): readonly (readonly [string, string])[] {
  if (Array.isArray(value)) return value.flatMap((item, at) => flatten(item, `${name}[${at}]`));
  if (typeof value !== "object" || value === null) return [[name, written(value)]];
  return Object.entries(value).flatMap(([key, item]) =>
    flatten(item, name === "" ? key : `${name}.${key}`),
  );
}

/** Three digits are more than a machine repeats. */
function written(value: unknown): string {
  if (typeof value !== "number") return String(value);
  if (Math.abs(value) >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}
