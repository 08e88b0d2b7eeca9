import { readFile } from "node:fs/promises";
import { z } from "zod";
import { canonicalJson } from "../../manifests/canonical.ts";
import { digestParts } from "../../manifests/digest.ts";
import type { JsonValue } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { type Manifest, parseManifest } from "../../manifests/manifest.ts";
import { SourceError, startOf } from "../../manifests/source-error.ts";
import { parseYamlSource } from "../../manifests/yaml-source.ts";
import { bundleCode } from "./bundle-code.ts";
import { checkDescription } from "./check-description.ts";
import type { JsonCheck, SchemaCompiler } from "./check-json.ts";
import { findProblem } from "./manifest-problems.ts";
import type { Images } from "./read-images.ts";
import type { Tool } from "./tool.ts";
import { imageOf, isPinnedToImage } from "./tool-image.ts";

/** A manifest that has been read, before its code is bundled. */
export interface ReadManifest {
  readonly file: string;
  readonly manifest: Manifest;
  readonly checkArguments: JsonCheck;
  readonly checkOutput: JsonCheck;
}

/** @throws {SourceError} for the first thing that is wrong in the manifest. */
export async function readManifest(file: string, compile: SchemaCompiler): Promise<ReadManifest> {
  const bytes = await readFile(file);
  if (bytes.length > limits.manifestBytes) {
    throw new SourceError(startOf(file), {
      what: `the manifest has ${bytes.length} bytes`,
      mend: `at most ${limits.manifestBytes}`,
    });
  }
  const source = { file, text: bytes.toString("utf8") };
  const read = parseYamlSource(source, (input) => ({ file, ...parse(input, compile) }));
  await checkDescription(source, read.manifest);
  return read;
}

function parse(input: unknown, compile: SchemaCompiler): Omit<ReadManifest, "file"> {
  const manifest = parseManifest(input);
  const problem = findProblem(manifest);
  if (problem !== undefined) throw zodError(problem.path, problem.message);
  return {
    manifest,
    checkArguments: attempt(["input"], () => compile(manifest.input)),
    checkOutput: attempt(["output", "schema"], () => compile(manifest.output.schema)),
  };
}

function attempt(path: readonly string[], compile: () => JsonCheck): JsonCheck {
  try {
    return compile();
  } catch (error) {
    throw zodError(path, error instanceof Error ? error.message : String(error));
  }
}

/** In the form that `parseYamlSource` gives a line and a column. */
function zodError(path: readonly (string | number)[], message: string): z.ZodError {
  return new z.ZodError([{ code: "custom", path: [...path], message, input: undefined }]);
}

/**
 * Bundles the code of a manifest, and finds its image. The pin is over the canonical manifest, the
 * very bytes of the code and the image's id, so what is hashed is what runs.
 *
 * @throws {SourceError} for code that does not bundle, or is larger than `limits.toolCodeBytes`.
 */
export async function readTool(read: ReadManifest, images: Images = new Map()): Promise<Tool> {
  const { file, manifest, checkArguments, checkOutput } = read;
  const code = "js" in manifest.run ? await bundleCode(manifest.run.js, startOf(file)) : "";
  const bytes = Buffer.byteLength(code);
  if (bytes > limits.toolCodeBytes) {
    throw new SourceError(startOf(file), {
      what: `the bundled code has ${bytes} bytes`,
      mend: `at most ${limits.toolCodeBytes}: import less`,
    });
  }
  const image = imageOf(manifest, images);
  const parts = [canonicalJson(manifest as unknown as JsonValue), code];
  const pin = digestParts("tool-pin", isPinnedToImage(manifest) ? [...parts, image ?? ""] : parts);
  return {
    manifest,
    code,
    ...(image !== undefined && { image }),
    pin,
    checkArguments,
    checkOutput,
  };
}
