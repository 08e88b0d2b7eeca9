import { readFile } from "node:fs/promises";
import { type Known, parseSuppressions } from "../../guardrails/suppressions/suppression.ts";
import { Suppressor } from "../../guardrails/suppressions/suppressor.ts";
import { actionLimits } from "../../manifests/action-limits.ts";
import { SourceError, startOf } from "../../manifests/source-error.ts";
import type { Config } from "./config.ts";

/**
 * Reads the file of suppressions that a deployment names; without one nothing is suppressed.
 *
 * @throws {SourceError} for the first thing that is wrong in it.
 */
export async function readSuppressor(
  { guards: { suppressions: file } }: Pick<Config, "guards">,
  known: Known,
): Promise<Suppressor> {
  if (file === undefined) return new Suppressor([]);
  return new Suppressor(parseSuppressions({ file, text: await readText(file) }, known));
}

async function readText(file: string): Promise<string> {
  const bytes = await readBytes(file);
  if (bytes.length <= actionLimits.suppressionsBytes) return bytes.toString("utf8");
  const mend = `at most ${actionLimits.suppressionsBytes}`;
  throw new SourceError(startOf(file), { what: `the file has ${bytes.length} bytes`, mend });
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    const { code } = Object(cause) as { readonly code?: string };
    const mend = "mend `guards.suppressions`, or write the file";
    throw new SourceError(startOf(file), { what: `cannot be read: ${code}`, mend, cause });
  }
}
