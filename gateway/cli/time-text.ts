/** Milliseconds since 1970 as `2026-11-23 03:26:36Z`, the same everywhere. */
export function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")}Z`;
}
