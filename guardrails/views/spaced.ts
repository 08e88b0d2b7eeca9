import { viewLimits } from "../../manifests/view-limits.ts";
import type { Change } from "./rewritten.ts";

/** Words whose letters are kept apart (`i g n o r e`, `i.g.n.o.r.e`, one a line), put together. */
export function* joined(text: string): Generator<Change> {
  for (const { 0: letters, index: start } of text.matchAll(apart)) {
    const gaps = Array.from(letters.matchAll(between));
    if (gaps.length + 1 < viewLimits.apartLetters) continue;
    const usual = usualOf(gaps.map(([gap]) => gap));
    if (usual === undefined) continue;
    for (const { 0: gap, index } of gaps) {
      const shown = gap === usual ? "" : gapWithout(usual, gap);
      yield { start: start + index, end: start + index + gap.length, shown };
    }
    yield* lastGap(text, start + letters.length, usual);
  }
}

const letter = String.raw`A-Za-z\xaa-\u1fff\u2c00-\u2fff\u3040-\ufffd`;
const member = `${letter}0-9`;

/** Letters and digits that stand alone. Linear: what lies between them is short, and none of them. */
const apart = new RegExp(
  `(?<![${member}])[${letter}](?:[^${member}]{1,5}[${member}](?![${member}])){3,}`,
  "g",
);
const between = new RegExp(`[^${member}]+`, "g");

/** A full stop is kept apart, too. */
function* lastGap(text: string, start: number, usual: string): Generator<Change> {
  const end = start + usual.length;
  if (text.startsWith(usual, start) && /[.!?,:;]/.test(text.charAt(end))) {
    yield { start, end, shown: "" };
  }
}

/** What stood between the letters before each character was kept apart from the next. */
function gapWithout(usual: string, gap: string): string {
  const step = usual.length + 1;
  let kept = "";
  let at = 0;
  for (; gap.startsWith(usual, at) && at + step <= gap.length; at += step) {
    kept += gap.charAt(at + usual.length);
  }
  const rest = gap.slice(at);
  const all = rest === usual ? kept : kept + rest;
  return all.replaceAll(usual, "") === "" ? " " : all;
}

/** What every other gap is at least. In a formula none is. */
function usualOf(gaps: readonly string[]): string | undefined {
  const groups = [...Map.groupBy(gaps, (gap) => gap).values()];
  return groups.find((group) => group.length * 2 >= gaps.length)?.[0];
}
