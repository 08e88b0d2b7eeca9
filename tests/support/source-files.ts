import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** The project's own folder, absolute. */
export const root: string = resolve(import.meta.dirname, "../..");

/** Every TypeScript file that git knows or would take, relative to the root. */
export function sourceFiles(): readonly string[] {
  return projectFiles().filter((file) => file.endsWith(".ts"));
}

/** Every file that git knows or would take, relative to the root. */
export function projectFiles(): readonly string[] {
  const listed = execFileSync(
    "git",
    ["ls-files", "-z", "-co", "--exclude-standard", "--deduplicate"],
    {
      cwd: root,
      encoding: "utf8",
    },
  );
  return listed.split("\0").filter((file) => file !== "");
}

export function textOf(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** The first block of a language on a page that holds `mark`. */
export function block(page: string, language: string, mark: string): string {
  const blocks = textOf(page).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm);
  for (const [, name, text = ""] of blocks)
    if (name === language && text.includes(mark)) return text;
  throw new Error(`${page} has no ${language} with ${mark}`);
}
