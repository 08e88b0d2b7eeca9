/** What a probe said, by name, in its order. */
export interface Seen {
  /** The one value; empty where there is none or more than one. */
  one(name: string): string;
  all(name: string): readonly string[];
}

/** Lines of a name, a tab and a value; what is none is let go. */
export function readSeen(said: string): Seen {
  const lines = said.split("\n").map((line) => {
    const at = line.indexOf("\t");
    return { name: line.slice(0, Math.max(at, 0)), value: line.slice(at + 1).trim() };
  });
  const all = (name: string): readonly string[] =>
    lines.filter((line) => line.name === name).map(({ value }) => value);
  return { all, one: (name) => (all(name).length === 1 ? (all(name)[0] ?? "") : "") };
}
