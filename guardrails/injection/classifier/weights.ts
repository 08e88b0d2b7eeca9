import { createHash } from "node:crypto";
import { z } from "zod";
import { SourceError, startOf } from "../../../manifests/source-error.ts";
import type { SignEntry } from "./sign-table.ts";
import type { VocabularyParts } from "./vocabulary.ts";

/** All that training finds out. */
export interface Weights extends VocabularyParts {
  /** One a feature; a power of two of them. */
  readonly buckets: Int8Array;
  /** How many words are judged together. */
  readonly windowWords: number;
  readonly calibration: Calibration;
}

/** How what is counted becomes how sure it is. */
export interface Calibration {
  /** What one unit of a sum of weights is worth, and what comes to the sum. */
  readonly unit: number;
  readonly bias: number;
  /** The sum is held between these: the classifier is never surer. */
  readonly floor: number;
  readonly ceiling: number;
  /** What that is worth as a logit, measured on texts of sources that training had not seen. */
  readonly slope: number;
  readonly offset: number;
  /** What a logit of the other reasons is worth beside it. */
  readonly reasons: number;
}

const headerSchema = z.strictObject({
  kind: z.literal("ringward/classifier/1"),
  words: z.int().min(1).max(32_768),
  prefixes: z.int().min(0).max(32_768),
  buckets: z
    .int()
    .max(2 ** 20)
    .refine((count) => Math.log2(count) % 1 === 0),
  windowWords: z.int().min(1).max(256),
  lightSigns: z.array(z.int().min(0).max(255)).max(256),
  calibration: z.strictObject({
    unit: z.number().positive(),
    bias: z.number(),
    floor: z.number(),
    ceiling: z.number(),
    slope: z.number().positive(),
    offset: z.number(),
    reasons: z.number().positive(),
  }),
});

const entryBytes = 5;
const digestBytes = 32;
const lengthBytes = 4;

/** The file: length of the header, header in JSON, signs of words, weights, and SHA-256 of all that. */
export function formatWeights(weights: Weights): Buffer {
  const { words, prefixes, buckets, windowWords, lightSigns, calibration } = weights;
  const header = Buffer.from(
    JSON.stringify({
      ...{ kind: "ringward/classifier/1", words: words.length, prefixes: prefixes.length },
      ...{ buckets: buckets.length, windowWords, lightSigns, calibration },
    }),
  );
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(header.length);
  const entries = [...words, ...prefixes].map(entryOf);
  const body = Buffer.concat([length, header, ...entries, Buffer.from(buckets.buffer)]);
  return Buffer.concat([body, digestOf(body)]);
}

/**
 * Reads such a file.
 *
 * @throws {SourceError} where a bit of it is not as it was written.
 */
export function parseWeights(file: string, bytes: Buffer): Weights {
  const body = bytes.subarray(0, Math.max(0, bytes.length - digestBytes));
  if (!digestOf(body).equals(bytes.subarray(body.length))) throw damaged(file);
  try {
    return readBody(body);
  } catch (cause) {
    throw damaged(file, cause);
  }
}

function readBody(body: Buffer): Weights {
  const headerEnd = lengthBytes + body.readUInt32LE(0);
  const text = body.subarray(lengthBytes, headerEnd).toString("utf8");
  const { words, prefixes, buckets, ...header } = headerSchema.parse(JSON.parse(text));
  const wordsEnd = headerEnd + words * entryBytes;
  const prefixesEnd = wordsEnd + prefixes * entryBytes;
  const weights = body.subarray(prefixesEnd);
  if (weights.length !== buckets)
    throw new Error(`${weights.length} weights instead of ${buckets}`);
  return {
    windowWords: header.windowWords,
    lightSigns: header.lightSigns,
    calibration: header.calibration,
    words: entriesIn(body.subarray(headerEnd, wordsEnd)),
    prefixes: entriesIn(body.subarray(wordsEnd, prefixesEnd)),
    buckets: Int8Array.from(new Int8Array(weights.buffer, weights.byteOffset, weights.length)),
  };
}

function damaged(file: string, cause?: unknown): SourceError {
  const problem = {
    what: "these are not the weights that were trained",
    mend: "install the package again, or run `npm run train`",
  };
  return new SourceError(startOf(file), { ...problem, ...(cause !== undefined && { cause }) });
}

function digestOf(body: Buffer): Buffer {
  return createHash("sha256").update(body).digest();
}

function entryOf({ hash, sign }: SignEntry): Buffer {
  const entry = Buffer.alloc(entryBytes);
  entry.writeInt32LE(hash);
  entry.writeUInt8(sign, entryBytes - 1);
  return entry;
}

function entriesIn(bytes: Buffer): readonly SignEntry[] {
  const count = bytes.length / entryBytes;
  return Array.from({ length: count }, (_, at) => ({
    hash: bytes.readInt32LE(at * entryBytes),
    sign: bytes.readUInt8(at * entryBytes + entryBytes - 1),
  }));
}
