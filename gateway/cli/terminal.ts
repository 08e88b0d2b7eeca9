import { styleText } from "node:util";
import { escapeJsonLine } from "./escape.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { Invocation } from "./invocation.ts";

/** Where a command prints, and what it leaves behind. */
export interface Terminal extends Invocation {
  /** Lines of what was asked for. */
  print(...lines: readonly string[]): void;
  /** One line of JSON. */
  printJson(value: unknown): void;
  /** A line for the person, beside what was asked for. */
  note(line: string): void;
  /** Coloured on a terminal, plain everywhere else and under `NO_COLOR`. */
  paint(style: Style, text: string): string;
  /** The line behind its mark: `fail  …`; a line without one stands beneath. */
  mark(mark: Mark | undefined, line: string): string;
  /** Sets the exit code; the first one that is not 0 stays. */
  leave(code: ExitCode): void;
  readonly code: ExitCode;
}

/** How something stands, as the first word of a line. */
export type Mark = "ok" | "warn" | "fail" | "off";

const markStyles: Readonly<Record<Mark, Style>> = {
  ok: "green",
  warn: "yellow",
  fail: "red",
  off: "dim",
};
/** Of a mark and the gap after it. */
const markColumns = 6;

export type Style = "bold" | "dim" | "green" | "yellow" | "red";

export function createTerminal(invocation: Invocation): Terminal {
  const { stdout, stderr } = invocation;
  let code: ExitCode = exitCodes.ok;
  const paint = (style: Style, text: string): string => styleText(style, text, { stream: stdout });
  return {
    ...invocation,
    print: (...lines) => void stdout.write(`${lines.join("\n")}\n`),
    printJson: (value) => void stdout.write(`${escapeJsonLine(value)}\n`),
    note: (line) => void stderr.write(`${line}\n`),
    paint,
    mark(mark, line) {
      const word = mark === undefined ? "" : paint(markStyles[mark], mark);
      return `${word}${" ".repeat(markColumns - (mark ?? "").length)}${line}`;
    },
    leave(next) {
      if (code === exitCodes.ok) code = next;
    },
    get code() {
      return code;
    },
  };
}
