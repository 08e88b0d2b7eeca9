// The thread in which the code of a call runs; imported by nobody but for its types.
import { setGlobalProxyFromEnv } from "node:http";
import { createRequire } from "node:module";
import { createContext, runInContext } from "node:vm";
import { parentPort } from "node:worker_threads";
import { hostOf } from "./host.ts";

export interface Task {
  readonly arguments: unknown;
  /** Bundled code of a tool; absent where the code stands in the arguments. */
  readonly code?: string;
  readonly credential?: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The output as JSON text; the code of a refusal that the tool let through. */
export type Outcome =
  | { readonly output: string }
  | { readonly error: string; readonly code?: string };

parentPort?.once("message", (task: Task) => void answer(task));
parentPort?.postMessage("ready");

async function answer(task: Task): Promise<void> {
  const outcome = await outcomeOf(task);
  await Promise.all([process.stdout, process.stderr].map(flushed));
  parentPort?.postMessage(outcome);
}

async function outcomeOf(task: Task): Promise<Outcome> {
  try {
    const value = task.code === undefined ? await runScript(task) : await runTool(task.code, task);
    return { output: JSON.stringify(value) ?? "null" };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return { error: describe(error), ...codeOf(error) };
  }
}

type Script = (input: unknown, require: NodeJS.Require) => Promise<unknown>;
const AsyncFunction = (async () => undefined).constructor as new (
  ...words: readonly string[]
) => Script;

/** The body of an async function, with Node around it. */
function runScript({ arguments: given, environment }: Task): Promise<unknown> {
  const { code, input = null } = given as { readonly code: string; readonly input?: unknown };
  // biome-ignore lint/style/noProcessEnv: it is what the code finds there.
  Object.assign(process.env, environment);
  setGlobalProxyFromEnv(environment);
  const script = new AsyncFunction("input", "require", `"use strict";${code}`);
  return script(input, createRequire(`${process.cwd()}/`));
}

/** A tool of ours finds what it finds in an isolate: the language, its arguments and its host. */
function runTool(code: string, { arguments: given, credential }: Task): unknown {
  const world = createContext({});
  runInContext(code, world);
  const tool = runInContext("tool", world) as { run(args: unknown, host: object): unknown };
  const parse = runInContext("JSON.parse", world) as (text: string) => unknown;
  return tool.run(parse(JSON.stringify(given)), hostOf(credential, parse));
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}

function codeOf(error: unknown): { readonly code?: string } {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === "string" ? { code: code.slice(0, 100).toWellFormed() } : {};
}

function describe(error: unknown): string {
  const { name, message } = Object(error) as {
    readonly name?: unknown;
    readonly message?: unknown;
  };
  const text = typeof message === "string" ? `${String(name)}: ${message}` : String(error);
  return text.slice(0, 500).toWellFormed();
}
