import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);
const outputBytes = 16_777_216;
/** A download of some megabytes over a slow line. */
const programMs = 300_000;

/** What a program of this machine needs to be found where it is not there. */
export class MissingProgram extends Error {
  override readonly name = "MissingProgram";
}

/** Where it runs and what it finds in its environment; as this process where that is left out. */
export interface Around {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * What a program of this machine says.
 *
 * @throws {MissingProgram} where there is none.
 * @throws {Error} where it fails, with its last line.
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
    const { code, stderr = "" } = cause as { readonly code?: unknown; readonly stderr?: string };
    if (code === "ENOENT") throw new MissingProgram(`there is no \`${program}\` here`, { cause });
    const last = stderr.trim().split("\n").at(-1);
    throw new Error(`\`${program}\` fails: ${last === "" ? String(code) : last}`, { cause });
  }
}
