import { z } from "zod";
import { isJsonObject, type JsonObject, type JsonValue } from "../manifests/json.ts";
import { type Effect, effects } from "../manifests/manifest.ts";
import { readReply } from "./answers.ts";
import type { Reply } from "./send.ts";

/** One tool that the session may see. */
export interface ToolDescription {
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  readonly effects: readonly Effect[];
  /** JSON Schema 2020-12 of the arguments. */
  readonly input: JsonObject;
  /** JSON Schema of the output. */
  readonly output: JsonValue;
}

/** One tool as Chat Completions wants it. */
export interface FunctionTool {
  readonly type: "function";
  readonly function: {
    readonly name: string;
    readonly description: string;
    readonly parameters: JsonObject;
  };
}

/** @throws {GatewayError} `answer-invalid`. */
export function readTools(reply: Reply): readonly ToolDescription[] {
  return readReply(toolsSchema, reply).tools;
}

/** @throws {GatewayError} `answer-invalid`. */
export function readFunctionTools(reply: Reply): readonly FunctionTool[] {
  return readReply(functionToolsSchema, reply).tools;
}

/**
 * The name of a tool as Chat Completions allows it: no dots. Tool names never hold two underscores
 * in a row, so nothing is lost.
 */
export function functionName(tool: string): string {
  return tool.replaceAll(".", "__");
}

/** The other way round. Names that no tool can have come out as they are or as unknown tools. */
export function toolName(name: string): string {
  return name.replaceAll("__", ".");
}

const json = z.custom<JsonValue>((value) => value !== undefined, "missing");
const jsonObject = z.custom<JsonObject>((value) => isJsonObject(value as JsonValue), "no object");

const toolsSchema = z.object({
  tools: z.array(
    z.object({
      name: z.string(),
      title: z.string().exactOptional(),
      description: z.string(),
      effects: z.array(z.enum(effects)),
      input: jsonObject,
      output: json,
    }),
  ),
});

const functionToolsSchema = z.object({
  tools: z.array(
    z.object({
      type: z.literal("function"),
      function: z.object({ name: z.string(), description: z.string(), parameters: jsonObject }),
    }),
  ),
});
