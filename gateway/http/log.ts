import { type Logger, pino } from "pino";
import type { JsonObject } from "../../manifests/json.ts";

export type Log = Logger;

export interface LogOptions {
  /** `info` says what happened to each call; `silent` says nothing. */
  readonly level: "debug" | "info" | "warn" | "error" | "silent";
  /** Takes one line with its end. */
  readonly write: (line: string) => void;
  /** What stands in every line; asked anew for each. */
  readonly about?: () => JsonObject;
}

/**
 * JSON lines in plain ASCII: whatever a stranger wrote comes out escaped, so that it can neither
 * begin a line, move a terminal's cursor, nor turn the reading order around. Credentials and bodies
 * are never handed to a log; should one be, it is left out.
 */
export function createLog({ level, write, about = () => ({}) }: LogOptions): Log {
  const options = {
    level,
    base: null,
    mixin: about,
    redact: { paths: [...secretPaths], censor: "[left out]" },
  };
  return pino(options, { write: (line: string) => write(escapeLine(line)) });
}

const secretNames = ["authorization", "bearer", "token", "secret", "body", "arguments", "output"];
const secretPaths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** Outside of its strings JSON is printable ASCII, so every other character can be escaped. */
function escapeLine(line: string): string {
  return line.replace(/[^\n\x20-\x7e]/g, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
