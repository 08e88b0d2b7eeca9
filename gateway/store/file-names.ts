import { createHmac } from "node:crypto";
import type { Digest } from "../../manifests/digest.ts";

/** Stands for a text in tables and records; the same text of the same kind has the same name. */
export type FileNames = (kind: "content" | "path" | "folder" | "tree", text: string) => Digest;

/** Keyed: from a copy of the database nobody finds out by trying what a file was called or held. */
export function openFileNames(payloadKey: Buffer): FileNames {
  const key = createHmac("sha256", payloadKey).update("ringward/v1/file-names").digest();
  return (kind, text) => createHmac("sha256", key).update(`${kind}\n${text}`).digest("hex");
}
