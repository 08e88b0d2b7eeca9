import type { Readable } from "node:stream";
import { Refusal } from "../../../manifests/refusals.ts";

/**
 * What a program sends behind the head of its request, whole.
 *
 * @throws {Refusal} `EGRESS_DENIED` for more than `mostBytes`; `EGRESS_FAILED` where it breaks off.
 */
export async function readProgramBody(body: Readable, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // The connection stays, to say why.
    for await (const chunk of body.iterator({ destroyOnReturn: false })) {
      length += chunk.length;
      if (length > mostBytes) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new Refusal("EGRESS_FAILED", "the request's body broke off", { cause });
  }
  if (length <= mostBytes) return Buffer.concat(chunks);
  throw new Refusal("EGRESS_DENIED", "the request's body is too large");
}
