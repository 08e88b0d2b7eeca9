import type { JsonObject, JsonValue } from "../../../manifests/json.ts";
import { limits } from "../../../manifests/limits.ts";
import type { RefusalCode } from "../../../manifests/refusals.ts";
import { type End, failed } from "../../end.ts";

/** What a worker says of its call. */
export type Said = Ended | Asked;

export interface Ended {
  readonly kind: "ended";
  readonly log: string;
  /** The output as JSON text, or what went wrong. */
  readonly end: End;
}

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

/** What a worker may say, and with how many words, itself counted. */
const wordCounts: ReadonlyMap<JsonValue | undefined, number> = new Map([
  ["requests", 3],
  ["output", 3],
  ["error", 4],
  ["stuck", 2],
  ["output-limit", 2],
  ["host-calls", 2],
  ["wall", 1],
  ["memory", 1],
  ["crash", 1],
]);

const failures: ReadonlyMap<string, RefusalCode> = new Map([
  ["output-limit", "OUTPUT_LIMIT"],
  ["host-calls", "HOSTCALL_LIMIT"],
  ["wall", "TIMEOUT_WALL"],
  ["memory", "OOM"],
  ["crash", "SANDBOX_CRASH"],
]);

/**
 * Reads the frame of the call that `channel` belongs to.
 *
 * @throws {Error} for a frame that no worker of ours would send.
 */
export function parseSaid(frame: JsonObject, channel: string): Said {
  if (frame["channel"] !== channel) throw new Error("a frame of another call");
  if (!isOfFrame(frame)) throw new Error("a frame of another form");
  const said = frame["said"];
  if (!Array.isArray(said)) throw new Error("a frame without words");
  const [kind, ...words] = said;
  if (said.length !== wordCounts.get(kind)) throw new Error("words that no worker of ours says");
  const log = words.length === 0 ? "" : text(words.at(-1), limits.logBytesPerCall);
  if (kind === "requests") return { kind: "asked", log, requests: parseRequests(words[0]) };
  return { kind: "ended", log, end: parseEnd(text(kind, 40), words) };
}

function isOfFrame(frame: JsonObject): boolean {
  return Object.keys(frame).length === 4 && isAmount(frame["cpuMs"]) && isAmount(frame["peakKb"]);
}

function isAmount(value: JsonValue | undefined): boolean {
  return typeof value === "number" && value >= 0;
}

function parseEnd(kind: string, words: readonly JsonValue[]): End {
  if (kind === "output") return { kind, output: text(words[0], limits.frameBytes) };
  if (kind === "error") {
    return { kind, detail: text(words[0], detailChars) || "an error", code: text(words[1], 60) };
  }
  const code = failures.get(kind);
  if (code) return failed(code);
  return { kind: "error", code: "", detail: "the tool waits for something that never comes" };
}

/** A name, a separator and a message. */
const detailChars = 600;

function parseRequests(words: JsonValue | undefined): Request[] {
  if (!Array.isArray(words)) throw new Error("requests that are no list");
  return words.map((word) => {
    if (!Array.isArray(word) || word.length !== 3) throw new Error("a request of another form");
    const [id, name, args] = word;
    if (!Number.isSafeInteger(id)) throw new Error("a request without a number");
    return { id: id as number, name: text(name, 20), args: text(args, limits.frameBytes) };
  });
}

function text(value: JsonValue | undefined, chars: number): string {
  if (typeof value !== "string" || value.length > chars) throw new Error("a word of another form");
  return value;
}
