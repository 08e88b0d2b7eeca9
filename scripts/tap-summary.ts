/** What a run of tests comes down to: what failed, what was left out and why, and how many there were. */
export function summaryOf(tap: string): readonly string[] {
  return [...failures(tap), ...leftOut(tap), counted(tap)];
}

const failureLines = 30;

/** Each failed assertion with what tap says of it; the reporter keeps quiet where no terminal is. */
function failures(tap: string): readonly string[] {
  const lines = tap.split("\n");
  return lines.flatMap((line, at) => {
    if (!/^\s*not ok/.test(line)) return [];
    const told = lines.slice(at, at + failureLines);
    const end = told.findIndex((one, index) => index > 0 && /^\s*\.\.\.$/.test(one));
    return end === -1 ? told : told.slice(0, end + 1);
  });
}

/** A line for each reason. */
function leftOut(tap: string): readonly string[] {
  const reasons = new Map<string, number>();
  for (const point of pointsOf(tap)) {
    const reason = skipped.exec(point)?.[1];
    if (reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return [...reasons].map(([reason, count]) => `left out ${count}: ${reason || "no reason given"}`);
}

/** A test file counts once for each of its tests; a file that died counts as failed. */
function counted(tap: string): string {
  const points = pointsOf(tap);
  const skips = points.filter((point) => skipped.test(point)).length;
  const dead = (tap.match(/^not ok \d+/gm) ?? []).length;
  const failed = Math.max(points.filter((point) => point.startsWith("    not ok")).length, dead);
  return `${points.length - skips - failed} passed, ${failed} failed, ${skips} skipped`;
}

const skipped = /# SKIP\b ?(.*?)(?: # time=\S+)?$/i;

function pointsOf(tap: string): readonly string[] {
  return tap.match(/^ {4}(?:not )?ok \d+.*$/gm) ?? [];
}
