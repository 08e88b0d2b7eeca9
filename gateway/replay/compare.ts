import type { Asked, Recording, SaidEnd } from "../../sandbox/sandbox.ts";

/** The first thing in which two runs differ; each side in words, without texts of strangers. */
export interface Difference {
  readonly what: "request" | "log" | "end";
  /** Of a request: which one, from 1. */
  readonly number?: number;
  readonly recorded: string;
  readonly again: string;
}

/**
 * Holds a run to the recording that it was run from: what it asked, in order and together with what,
 * what it logged, and how it ended. A recorded run that was ended from outside has no end of its own:
 * then only what it had asked until there is compared.
 */
export function compareRuns(recorded: Recording, again: Recording): Difference | undefined {
  const request = compareRequests(recorded, again);
  if (request || !recorded.end) return request;
  return (
    compareTexts("end", endText(recorded.end), endText(again.end)) ??
    compareTexts("log", recorded.log, again.log)
  );
}

function compareRequests(recorded: Recording, again: Recording): Difference | undefined {
  const count = Math.max(recorded.asked.length, recorded.end ? again.asked.length : 0);
  for (let at = 0; at < count; at += 1) {
    const [before, now] = [askedText(recorded.asked[at]), askedText(again.asked[at])];
    if (before !== now) return { what: "request", number: at + 1, recorded: before, again: now };
  }
  return undefined;
}

function compareTexts(
  what: "log" | "end",
  recorded: string,
  again: string,
): Difference | undefined {
  return recorded === again ? undefined : { what, recorded, again };
}

function askedText(asked: Asked | undefined): string {
  return asked ? `${asked.name} in turn ${asked.turn + 1}, ${asked.digest}` : "none";
}

function endText(end: SaidEnd | undefined): string {
  return end ? `${end.kind}, ${end.digest}` : "none";
}
