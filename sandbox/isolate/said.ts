import type { JsonObject, JsonValue } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { type RefusalCode, refusalEntry } from "../../manifests/refusals.ts";

/** What a worker says of its call. */
export type Said = Ended | Asked;

export interface Ended {
  readonly kind: "ended";
  readonly log: string;
  /** The output as JSON text, or what went wrong. */
  readonly end: End;
}

export type End =
  | { readonly kind: "output"; readonly output: string }
  | { readonly kind: "failed"; readonly code: RefusalCode; readonly detail: string }
  /** An error of the tool itself; `code` is what the tool says, nothing is known of it. */
  | { readonly kind: "error"; readonly code: string; readonly detail: string };

export interface Asked {
  readonly kind: "asked";
  readonly log: string;
  readonly requests: readonly Request[];
}

export interface Request {
  readonly id: number;
  readonly name: string;
  /** JSON text of the guest. */
  readonly args: string;
}

const failures: Readonly<Record<string, RefusalCode>> = {
  "output-limit": "OUTPUT_LIMIT",
  "host-calls": "HOSTCALL_LIMIT",
  cpu: "TIMEOUT_CPU",
  wall: "TIMEOUT_WALL",
  memory: "OOM",
  crash: "SANDBOX_CRASH",
};

const errors: Readonly<Record<string, string>> = {
  stuck: "the tool waits for something that never comes",
  rejection: "the tool left an error that nobody handled",
};

export function failed(code: RefusalCode): End {
  return { kind: "failed", code, detail: refusalEntry(code).says };
}

/**
 * Reads the frame of the call that `channel` belongs to.
 *
 * @throws {Error} for a frame that no worker of ours would send.
 */
export function parseSaid(frame: JsonObject, channel: string): Said {
  if (frame["channel"] !== channel) throw new Error("a frame of another call");
  const said = frame["said"];
  if (!Array.isArray(said)) throw new Error("a frame without words");
  const [kind, ...words] = said;
  const log = text(words.at(-1) ?? "", limits.logBytesPerCall);
  if (kind === "requests") return { kind: "asked", log, requests: parseRequests(words[0]) };
  return { kind: "ended", log, end: parseEnd(text(kind, 40), words) };
}

function parseEnd(kind: string, words: readonly JsonValue[]): End {
  if (kind === "output") return { kind, output: text(words[0], limits.frameBytes) };
  if (kind === "error") {
    return { kind, detail: text(words[0], detailChars) || "an error", code: text(words[1], 60) };
  }
  const code = failures[kind];
  if (code) return failed(code);
  const detail = errors[kind];
  if (detail) return { kind: "error", code: "", detail };
  throw new Error("a word that no worker of ours knows");
}

/** A name, a separator and a message. */
const detailChars = 600;

function parseRequests(words: JsonValue | undefined): Request[] {
  if (!Array.isArray(words)) throw new Error("requests that are no list");
  return words.map((word) => {
    if (!Array.isArray(word)) throw new Error("a request that is no list");
    const [id, name, args] = word;
    if (!Number.isSafeInteger(id)) throw new Error("a request without a number");
    return { id: id as number, name: text(name, 20), args: text(args, limits.frameBytes) };
  });
}

function text(value: JsonValue | undefined, chars: number): string {
  if (typeof value !== "string" || value.length > chars) throw new Error("a word of another form");
  return value;
}
