import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { refusalCodes, refusalEntry } from "../manifests/refusals.ts";

/** The rows of the table in `docs/errors.md`, from the catalogue. */
export function errorsTable(): readonly string[] {
  return refusalCodes.map((code) => {
    const { ring, status, owasp, says, mend } = refusalEntry(code);
    return `| \`${code}\` | ${ring} | ${status} | ${owasp} | ${says} | ${mend} |`;
  });
}

/** Writes the generated parts of the documents: `npm run docs`. */
function writeDocs(): void {
  const file = resolve(import.meta.dirname, "../docs/errors.md");
  const lines = readFileSync(file, "utf8").split("\n");
  const isRow = (line: string): boolean => /^\| `[A-Z_]+` \|/.test(line);
  const head = lines.findIndex((line) => line.startsWith("| ---"));
  const rest = lines.slice(head + 1).filter((line) => !isRow(line));
  writeFileSync(file, [...lines.slice(0, head + 1), ...errorsTable(), ...rest].join("\n"));
}

if (import.meta.main) writeDocs();
