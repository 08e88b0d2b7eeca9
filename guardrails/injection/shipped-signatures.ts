import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { once } from "../../manifests/once.ts";
import { parseSignatures, type Signature } from "./signature.ts";

/** Those of the package, read once, when they are needed first. */
export const shippedSignatures: () => readonly Signature[] = once(() => readSignatures(folder()));

/**
 * Every `*.yaml` of a folder.
 *
 * @throws {SourceError} for the first thing that is wrong.
 */
export function readSignatures(path: string): readonly Signature[] {
  const names = readdirSync(path).filter((name) => name.endsWith(".yaml"));
  return names.sort().flatMap((name) => {
    const file = join(path, name);
    return parseSignatures({ file, text: readFileSync(file, "utf8") });
  });
}

/** Texts stand beside the sources, in the package too, where what was built lies in a folder more. */
function folder(): string {
  const beside = join(import.meta.dirname, "signatures");
  if (existsSync(beside)) return beside;
  return join(import.meta.dirname, "../../../guardrails/injection/signatures");
}
