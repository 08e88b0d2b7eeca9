import { z } from "zod";
import type { JsonObject, JsonValue } from "../../../manifests/json.ts";

/** A tool as a list of somebody else describes it. */
export interface ListedTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly input: JsonObject;
  /** JSON Schema of what comes back, where the list tells it. */
  readonly output?: JsonValue;
  /** What the server says of its own tool; nobody has looked. */
  readonly hints: Readonly<Record<string, JsonValue>>;
}

const object = z.record(z.string(), z.json());
const name = z.string().min(1).max(200);
const description = z.string().max(20_000).default("");

const bare = z.object({
  name,
  description,
  parameters: object.default({}),
});

const openai = z.object({ type: z.literal("function"), function: bare });

const mcp = z.object({
  name,
  description,
  inputSchema: object,
  outputSchema: z.json().optional(),
  annotations: object.default({}),
});

const toolSchema = z.union([
  openai.transform(({ function: { parameters, ...rest } }) => ({
    ...rest,
    input: parameters,
    hints: {},
  })),
  mcp.transform(({ inputSchema, outputSchema, annotations, ...rest }) => ({
    ...rest,
    ...(outputSchema !== undefined && { output: outputSchema }),
    ...{ input: inputSchema, hints: annotations },
  })),
  bare.transform(({ parameters, ...rest }) => ({ ...rest, input: parameters, hints: {} })),
]);

const tools = z.array(toolSchema);

const listSchema = z.union([
  tools.transform((list) => ({ "": list })),
  z.object({ tools }).transform(({ tools: list }) => ({ "": list })),
  z.record(z.string().regex(/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/), tools),
]);

/**
 * Reads what MCP's `tools/list` answers, what OpenAI is sent as `tools`, or lists by suite. By suite;
 * the one without a name is "".
 *
 * @throws {z.ZodError} for anything else.
 */
export function readToolList(input: unknown): Readonly<Record<string, readonly ListedTool[]>> {
  return listSchema.parse(input) as unknown as Record<string, readonly ListedTool[]>;
}
