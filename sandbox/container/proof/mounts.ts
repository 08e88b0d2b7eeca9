import type { Seen } from "./seen.ts";

/** Where something is mounted that neither engine nor profile puts there. */
export function strangeMounts(seen: Seen): readonly string[] {
  const points = seen.all("mount").map(pointOf);
  if (points.length === 0) return ["unreadable"];
  return points.filter((point) => !expected.test(point));
}

/** Whether what is mounted there is read-only; false where nothing is. */
export function isReadOnly(seen: Seen, path: string): boolean {
  const lines = seen.all("mount").filter((line) => pointOf(line) === path);
  return lines.length > 0 && lines.every((line) => /^ro(?:,|$)/.test(line.split(" ")[5] ?? ""));
}

const expected =
  /^\/(?:(?:proc|sys)(?:\/\S+)?|dev|dev\/(?:pts|mqueue)|tmp|work|(?:(?:usr\/)?s?bin|dev)\/(?:docker-)?init|etc\/(?:group|hosts|hostname|resolv\.conf))?$/;

function pointOf(line: string): string {
  return line.split(" ")[4] ?? "unreadable";
}
