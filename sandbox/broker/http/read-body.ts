import type { IncomingMessage } from "node:http";
import { PassThrough, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { limits } from "../../../manifests/limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";

export interface ReadDeps {
  readonly signal: AbortSignal;
  /** Told of the bytes on the wire. */
  count(bytes: number): void;
}

/**
 * The body, decompressed. Bounded on the wire, after decompression, and in the
 * ratio of the two.
 *
 * @throws {Refusal} `EGRESS_FAILED`.
 */
export async function readBody(
  response: IncomingMessage,
  { count, signal }: ReadDeps,
): Promise<Buffer> {
  const meter = { wire: 0, cost: 0, decoded: 0 };
  const chunks: Buffer[] = [];
  await pipeline(
    response,
    gauge((bytes) => {
      count(bytes);
      meter.wire += bytes;
      meter.cost += Math.max(bytes, limits.fetchPortionBytes);
      if (meter.cost > limits.fetchBytes) throw tooLarge();
    }),
    decoderFor(response.headers["content-encoding"]),
    async (source: AsyncIterable<Buffer>) => {
      for await (const chunk of source) {
        meter.decoded += chunk.length;
        refuseBomb(meter);
        chunks.push(chunk);
      }
    },
    // A body without a length looks whole when its connection is cut.
    { signal },
  );
  return Buffer.concat(chunks);
}

/** Is told of each portion as it came; whoever only reads a stream has many of them as one. */
function gauge(look: (bytes: number) => void): Transform {
  return new Transform({
    transform: (chunk: Buffer, _, done) => {
      try {
        look(chunk.length);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

interface Meter {
  readonly wire: number;
  readonly decoded: number;
}

function refuseBomb({ wire, decoded }: Meter): void {
  if (decoded > limits.fetchBytes) throw tooLarge();
  const isBomb = decoded > limits.inflateRatioFromBytes && decoded > wire * limits.inflateRatio;
  if (isBomb) {
    throw new Refusal("EGRESS_FAILED", "the answer unpacks to far more than it is");
  }
}

function decoderFor(encoding: string | undefined): Transform {
  switch (encoding?.trim().toLowerCase() ?? "") {
    case "":
    case "identity":
      return new PassThrough();
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      return createInflate();
    case "br":
      return createBrotliDecompress();
    default:
      throw new Refusal("EGRESS_FAILED", "the answer is packed in a way that is not read here");
  }
}

function tooLarge(): Refusal {
  return new Refusal("EGRESS_FAILED", "the answer is too large");
}
