/** A colour as `#rrggbb`, where it is written in one of the usual ways; else as it is written. */
export function colorOf(written: string | undefined): string | undefined {
  const first = /^(?:rgba?\([^)]{0,60}\)|#?[a-z0-9]+)/.exec(written?.trim() ?? "")?.[0];
  if (first === undefined) return undefined;
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])[0-9a-f]?$/.exec(first);
  if (short)
    return `#${short
      .slice(1)
      .map((digit) => digit + digit)
      .join("")}`;
  const numbers = /^rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})/.exec(first);
  if (numbers) return `#${numbers.slice(1).map(hexOf).join("")}`;
  return named[first] ?? first.slice(0, 7);
}

/** Whether nobody can tell one from the other. */
export function isSameColor(one: string | undefined, other: string): boolean {
  const color = colorOf(one);
  if (color === undefined) return false;
  if (color === other) return true;
  const [a, b] = [channelsOf(color), channelsOf(other)];
  return a.length === 3 && b.length === 3 && a.every((value, at) => near(value, b[at] ?? 0));
}

const near = (one: number, other: number): boolean => Math.abs(one - other) <= 16;

const named: Readonly<Record<string, string>> = {
  white: "#ffffff",
  black: "#000000",
  snow: "#fffafa",
  ivory: "#fffff0",
  whitesmoke: "#f5f5f5",
  ghostwhite: "#f8f8ff",
};

function hexOf(number: string): string {
  return Math.min(255, Number(number)).toString(16).padStart(2, "0");
}

function channelsOf(color: string): number[] {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/.exec(color);
  return (hex?.slice(1) ?? []).map((channel) => Number.parseInt(channel, 16));
}
