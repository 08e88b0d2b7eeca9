/** JSON in, JSON out; what cannot be JSON becomes what `JSON.stringify` makes of it. */
export interface JsRunArguments {
  readonly code: string;
  readonly input?: unknown;
}

type Run = (input: unknown) => Promise<unknown>;
const AsyncFunction = (async () => undefined).constructor as new (
  name: string,
  body: string,
) => Run;

/** Runs code that an agent wrote. It is given its input and nothing else: no host. */
export async function run({ code, input }: JsRunArguments): Promise<unknown> {
  const result = await new AsyncFunction("input", `"use strict";${code}`)(input);
  return result === undefined ? null : result;
}
