import type { Config } from "../../config/config.ts";
import type { Deployment } from "../open.ts";
import type { Mark, Terminal } from "../terminal.ts";

/** One line of `ringward doctor`. */
export interface Check {
  readonly name: string;
  readonly state: Mark;
  /** What was found. */
  readonly found: string;
  /** What to do about it. */
  readonly mend?: string;
}

/** What a check may look at. */
export interface Patient {
  readonly deployment: Deployment;
  readonly config: Config;
  readonly terminal: Terminal;
}

export function ok(name: string, found: string): Check {
  return { name, state: "ok", found };
}

export function warn(name: string, found: string, mend: string): Check {
  return { name, state: "warn", found, mend };
}

/** What is not there, and nobody asked for. */
export function off(name: string, found: string, mend: string): Check {
  return { name, state: "off", found, mend };
}

export function fail(name: string, found: string, mend: string): Check {
  return { name, state: "fail", found, mend };
}
