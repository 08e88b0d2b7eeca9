import { gunzipSync, inflateSync } from "node:zlib";
import { viewLimits } from "../../manifests/view-limits.ts";
import { type Run, runsOf } from "./runs.ts";
import type { Decoded, Layer } from "./view.ts";

/** What is written as bytes in one piece, and reads as text again. Too much of it is told apart. */
export function* decodedBlocks(
  text: string,
  budget: UnpackBudget,
): Generator<Decoded | "too-much"> {
  for (const run of runsOf(text, viewLimits.encodedChars)) {
    const read = readingOf(run, budget) ?? (run.shorter && readingOf(run.shorter, budget));
    if (read === "too-much") yield read;
    else if (read) yield { ...read, place: () => run };
  }
}

/** What may still be unpacked for one text, all its layers together. */
export interface UnpackBudget {
  unpacks: number;
}

type Read = Pick<Decoded, "layer" | "text">;

function readingOf(run: Run, budget: UnpackBudget): Read | "too-much" | undefined {
  for (const { layer, bytes } of readings(run)) {
    const read = unpacked(bytes, layer, budget);
    if (read !== undefined) return read;
  }
  return undefined;
}

interface Reading {
  readonly layer: Layer;
  readonly bytes: Buffer;
}

/** The smallest alphabet first: whatever is hex could be base64, too. */
function* readings({ text }: Run): Generator<Reading> {
  if (isHex.test(text)) yield { layer: "hex", bytes: Buffer.from(text, "hex") };
  if (isBase32.test(text)) yield { layer: "base32", bytes: fromBase32(text) };
  // Words in front may be of the alphabet, too: `token=`, `data/`; four letters stand for three bytes.
  const padded = text.replace(/={1,2}$/, "");
  const rest = padded.slice(padded.lastIndexOf("=") + 1);
  for (let skipped = 0; skipped < 4; skipped += 1) {
    yield { layer: "base64", bytes: Buffer.from(rest.slice(skipped), "base64") };
  }
}

const isHex = /^(?:[0-9a-fA-F]{2})+$/;
const isBase32 = /^[A-Z2-7]+=*$/;
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function fromBase32(text: string): Buffer {
  const bytes: number[] = [];
  let [bits, held] = [0, 0];
  for (const character of text.replace(/=+$/, "")) {
    held = (held << 5) | alphabet.indexOf(character);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >>> bits) & 0xff);
    held &= (1 << bits) - 1;
  }
  return Buffer.from(bytes);
}

function unpacked(
  bytes: Buffer,
  layer: Layer,
  budget: UnpackBudget,
): Read | "too-much" | undefined {
  const inflate = inflaterOf(bytes);
  if (!inflate) return readable(bytes, layer);
  if (budget.unpacks === 0) return "too-much";
  budget.unpacks -= 1;
  try {
    return readable(inflate(bytes, { maxOutputLength: viewLimits.chars }), "packed");
  } catch (error) {
    // What only looks packed is read as it is.
    return isTooLarge(error) ? "too-much" : readable(bytes, layer);
  }
}

function inflaterOf(bytes: Buffer): typeof gunzipSync | undefined {
  if (bytes.length < 2) return undefined;
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync;
  return bytes[0] === 0x78 && bytes.readUInt16BE(0) % 31 === 0 ? inflateSync : undefined;
}

function isTooLarge(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === "ERR_BUFFER_TOO_LARGE";
}

function readable(bytes: Buffer, layer: Layer): Read | undefined {
  const encoding = isWide(bytes) ? "utf16le" : "utf8";
  if (!samplesOf(bytes).some((sample) => isReadable(sample.toString(encoding)))) return undefined;
  const text = bytes.toString(encoding);
  return isReadable(text) ? { layer, text } : undefined;
}

/** Two bytes a letter, as Latin ones have them. */
function isWide(bytes: Buffer): boolean {
  const sample = bytes.subarray(0, sampleBytes);
  return sample.filter((byte, at) => at % 2 === 1 && byte === 0).length * 4 > sample.length;
}

const sampleBytes = 256;

/** Most runs are no text at all, and long ones show it anywhere. */
function samplesOf(bytes: Buffer): readonly Buffer[] {
  if (bytes.length <= sampleBytes) return [bytes];
  const last = bytes.length - sampleBytes;
  // Even: UTF-16 has two bytes a letter.
  return [0, last >> 1, last].map((at) => bytes.subarray(at & ~1, (at & ~1) + sampleBytes));
}

/** Bytes that were no text are full of what no text holds. */
function isReadable(text: string): boolean {
  let strange = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (isStrange(text.charCodeAt(at))) strange += 1;
  }
  return text.length > 0 && strange * 5 <= text.length;
}

function isStrange(code: number): boolean {
  return code < 0x20
    ? code !== 0x09 && code !== 0x0a && code !== 0x0d
    : (code >= 0x7f && code < 0xa0) || code === 0xfffd;
}
