import { execFile } from "node:child_process";
import { limits } from "../../manifests/limits.ts";
import type { Environment } from "./environment.ts";
import type { SecretOrigin } from "./secrets-config.ts";

/** @throws {Error} one line, without a word of what a program printed. */
export async function readOrigin(origin: SecretOrigin, env: Environment): Promise<string> {
  if ("command" in origin) return withoutLineEnd(await runCommand(origin, env));
  const value = env(origin.environment);
  if (value === undefined) throw new Error(`${origin.environment} is not set`);
  return value;
}

/** What programs of this kind need, and what they are told beside it. */
const always = ["PATH", "HOME"];

function runCommand(
  { command, environment = [] }: Extract<SecretOrigin, { command: unknown }>,
  env: Environment,
): Promise<string> {
  const [program = "", ...args] = command;
  const variables = [...always, ...environment].flatMap((name) => {
    const value = env(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const options = {
    env: Object.fromEntries(variables),
    timeout: limits.secretCommandMs,
    killSignal: "SIGKILL",
    maxBuffer: limits.secretChars + 2,
    encoding: "utf8",
    windowsHide: true,
  } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, options, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} failed (${reasonOf(error)})`));
    });
    child.stdin?.end();
  });
}

/** Its message would hold the whole command line, and what it said. */
function reasonOf(error: { readonly code?: unknown; readonly signal?: unknown }): string {
  if (typeof error.code === "string") return error.code;
  if (typeof error.signal === "string") return `ended by ${error.signal}`;
  return `exit code ${String(error.code)}`;
}

function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, "");
}
