import { limits } from "../../../manifests/limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";

/** The longest text that can be a file. */
const base64Chars = 4 * Math.ceil(limits.fileBytes / 3);

/**
 * The bytes of a file. What has two spellings is refused: padding that is not there, bits or
 * characters left over.
 *
 * @throws {Refusal} `FILES_FAILED`.
 */
export function bytesOf(base64: string): Buffer {
  if (base64.length > base64Chars) throw new Refusal("FILES_FAILED", "the file is too large");
  const bytes = Buffer.from(base64, "base64");
  if (bytes.toString("base64") !== base64) {
    throw new Refusal("FILES_FAILED", "the file is not base64 in its one spelling");
  }
  return bytes;
}
