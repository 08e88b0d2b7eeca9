import type { Readable } from "node:stream";
import { limits } from "../../../manifests/limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";

/**
 * What a program sends behind the head of its request, whole.
 *
 * @throws {Refusal} `EGRESS_DENIED` for more than `mostBytes`; `EGRESS_FAILED` where it breaks off.
 */
export function readProgramBody(body: Readable, mostBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let cost = 0;
    const take = (chunk: Buffer): void => {
      cost += Math.max(chunk.length, limits.fetchPortionBytes);
      if (cost <= mostBytes) chunks.push(chunk);
      else {
        // The connection stays, to say why.
        body.off("data", take).pause();
        reject(new Refusal("EGRESS_DENIED", "the request's body is too large"));
      }
    };
    const breakOff = (cause?: unknown): void => {
      reject(new Refusal("EGRESS_FAILED", "the request's body broke off", { cause }));
    };
    body.on("data", take).once("end", () => resolve(Buffer.concat(chunks)));
    body.once("error", breakOff).once("close", breakOff);
    if (body.destroyed) breakOff();
  });
}
