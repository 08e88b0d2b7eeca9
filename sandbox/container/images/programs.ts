import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ImageError } from "./image-error.ts";

const execute = promisify(execFile);
const outputBytes = 16_777_216;
/** A download of some megabytes over a slow line. */
const programMs = 300_000;

/** Where it runs and what it finds in its environment; as this process where that is left out. */
export interface Around {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * What a program of this machine says.
 *
 * @throws {ImageError} where there is none, or where it fails.
 */
export async function outputOf(
  program: string,
  words: readonly string[],
  around: Around = {},
): Promise<string> {
  try {
    const settings = { ...around, maxBuffer: outputBytes, timeout: programMs };
    const { stdout } = await execute(program, words, settings);
    return stdout;
  } catch (cause) {
    throw new ImageError(reasonOf(program, cause), { cause });
  }
}

function reasonOf(program: string, cause: unknown): string {
  const { code, stderr = "" } = cause as { readonly code?: unknown; readonly stderr?: string };
  if (code === "ENOENT") {
    return `there is no \`${program}\` here (images are built on Debian and systems like it)`;
  }
  const last = stderr.trim().split("\n").at(-1);
  return `\`${program}\` fails: ${last === "" ? String(code) : last} (mend that, then build again)`;
}
