import { readFile } from "node:fs/promises";
import { z } from "zod";
import { SourceError, startOf } from "../../manifests/source-error.ts";
import { parseStrictJson } from "../../manifests/strict-json.ts";

/** Ids (`sha256:…`) of the shipped images, by their names. */
export type Images = ReadonlyMap<string, string>;

const imagesSchema = z.record(
  z.string().regex(/^[a-z][a-z0-9-]*$/),
  z.strictObject({ id: z.string().regex(/^sha256:[0-9a-f]{64}$/) }),
);

/**
 * The images file, which `ringward images build` writes. Empty where there is none: tools that need
 * one of them are refused when they are called.
 *
 * @throws {SourceError} for a file that cannot be read or has another form.
 */
export async function readImages(file: string): Promise<Images> {
  const bytes = await readBytes(file);
  if (bytes === undefined) return new Map();
  try {
    const images = imagesSchema.parse(parseStrictJson(bytes));
    return new Map(Object.entries(images).map(([name, { id }]) => [name, id]));
  } catch (cause) {
    throw unreadable(file, "has not the form of an images file", cause);
  }
}

async function readBytes(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (cause) {
    const { code } = Object(cause) as { readonly code?: string };
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw unreadable(file, `cannot be read: ${code}`, cause);
  }
}

function unreadable(file: string, what: string, cause: unknown): SourceError {
  const mend = "write it anew: `ringward images build`";
  return new SourceError(startOf(file), { what, mend, cause });
}
