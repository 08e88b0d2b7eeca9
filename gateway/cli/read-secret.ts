import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { limits } from "../../manifests/limits.ts";
import { secretValueProblem } from "../../manifests/secret.ts";
import { exitCodes } from "./exit-codes.ts";
import { CommandError } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

/**
 * A secret's value, from standard input or a prompt that shows nothing; never from the command line,
 * which other users and the shell's history can read.
 *
 * @throws {CommandError} for one that cannot be a secret.
 */
export async function readSecret({ stdin, stderr }: Terminal): Promise<string> {
  const value = isKeyboard(stdin) ? await prompt(stdin, stderr) : await readAll(stdin);
  const problem = secretValueProblem(value);
  if (problem === undefined) return value;
  throw new CommandError(exitCodes.usage, `${problem} (give it again)`);
}

function isKeyboard(stdin: NodeJS.ReadableStream): boolean {
  return "isTTY" in stdin && stdin.isTTY === true;
}

/** What an editor or `echo` puts at the end is no part of it. */
async function readAll(stdin: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  for await (const chunk of stdin) {
    text += String(chunk);
    // One that is too long is refused by whoever looks at it.
    if (text.length > limits.secretChars + 2) break;
  }
  return text.replace(/\r?\n$/, "");
}

/** The terminal echoes nothing while this reads it, and what is typed goes nowhere. */
async function prompt(stdin: NodeJS.ReadableStream, stderr: NodeJS.WriteStream): Promise<string> {
  stderr.write("Secret (not shown): ");
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true });
  try {
    return await new Promise((resolve, reject) => {
      const none = "no secret was given (nothing has changed)";
      lines.once("line", resolve);
      lines.once("SIGINT", () => reject(new CommandError(exitCodes.usage, none)));
      lines.once("close", () => reject(new CommandError(exitCodes.usage, none)));
    });
  } finally {
    lines.close();
    stderr.write("\n");
  }
}
