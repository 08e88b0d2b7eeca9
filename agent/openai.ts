import { OpenAI } from "openai";
import type {
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from "openai/resources/chat/completions";
import { z } from "zod";
import { isJsonObject } from "../manifests/json.ts";
import type { Turn } from "./run.ts";
import type { FunctionTool } from "./tools.ts";

/** A model behind Chat Completions. */
export interface Model {
  /** Resolves with the model's answer, or with why there is none; never rejects for a server. */
  complete(prompt: Prompt): Promise<Turn>;
}

export interface Prompt {
  readonly messages: ChatCompletionMessageParam[];
  readonly tools: readonly FunctionTool[];
  /** Tokens that the answer may have at most. */
  readonly answerTokens: number;
  readonly signal: AbortSignal;
}

export interface ModelOptions {
  /** Of any server that speaks Chat Completions, such as `http://127.0.0.1:8080/v1`. */
  readonly url: string;
  readonly key: string;
  readonly name: string;
  readonly dollarsPerMillion: { readonly input: number; readonly output: number };
}

/** The argument by which a model names an approval; it is no argument of any tool. */
export const approvalArgument = "_approval";

export function createModel(options: ModelOptions): Model {
  // Every setting that the package would otherwise look for in the environment is given.
  const client = new OpenAI({
    baseURL: options.url,
    apiKey: options.key,
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    logLevel: "off",
  });
  return { complete: (prompt) => complete(client, options, prompt) };
}

async function complete(client: OpenAI, options: ModelOptions, prompt: Prompt): Promise<Turn> {
  try {
    const completion = await client.chat.completions.create(
      {
        model: options.name,
        messages: prompt.messages,
        max_completion_tokens: prompt.answerTokens,
        ...(prompt.tools.length > 0 && { tools: prompt.tools.map(withApproval) }),
      },
      { signal: prompt.signal },
    );
    return readTurn(completion, options, prompt);
  } catch (error) {
    return { ...silence, failure: describe(error) };
  }
}

const silence: Turn = { text: "", calls: [], tokens: 0, dollars: 0 };

/** Gives every tool the argument by which the model names an approval. */
function withApproval({ type, function: tool }: FunctionTool): ChatCompletionTool {
  const properties = tool.parameters["properties"];
  const approval = {
    type: "string",
    description: "Only where an earlier answer to this very call was pending: its approval id.",
  };
  const parameters = {
    ...tool.parameters,
    properties: { ...(isJsonObject(properties) && properties), [approvalArgument]: approval },
  };
  return { type, function: { ...tool, parameters } };
}

function readTurn(completion: unknown, options: ModelOptions, prompt: Prompt): Turn {
  const parsed = completionSchema.safeParse(completion);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const failure = `the model's answer: \`${issue?.path.join(".")}\` ${issue?.message}`;
    return { ...silence, failure };
  }
  const { message } = parsed.data.choices[0];
  const usage = parsed.data.usage ?? estimate(prompt, message);
  const { input, output } = options.dollarsPerMillion;
  return {
    text: message.content ?? "",
    calls: (message.tool_calls ?? []).map((call) => ({ id: call.id, ...call.function })),
    tokens: usage.prompt_tokens + usage.completion_tokens,
    dollars: (usage.prompt_tokens * input + usage.completion_tokens * output) / 1_000_000,
  };
}

const tokens = z.int().min(0);
const usageSchema = z.object({ prompt_tokens: tokens, completion_tokens: tokens });
const completionSchema = z.object({
  choices: z.tuple(
    [
      z.object({
        message: z.object({
          content: z.string().nullish(),
          tool_calls: z
            .array(
              z.object({
                id: z.string(),
                function: z.object({ name: z.string(), arguments: z.string() }),
              }),
            )
            .nullish(),
        }),
      }),
    ],
    z.unknown(),
  ),
  usage: usageSchema.nullish(),
});

/** Where a server counts nothing, too many tokens are counted rather than none. */
function estimate(prompt: Prompt, message: unknown): z.infer<typeof usageSchema> {
  const count = (value: unknown): number => Math.ceil(JSON.stringify(value).length / 2);
  return {
    prompt_tokens: count(prompt.messages) + count(prompt.tools),
    completion_tokens: count(message),
  };
}

/** One line without the key: the package's messages hold status and the server's own words. */
function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/\s+/g, " ").slice(0, 500);
}
