import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { functionName } from "../tools.ts";

/** A message of the conversation, as Chat Completions sends it. */
export interface ScriptedMessage {
  readonly role: string;
  readonly content?: string | null;
  readonly tool_call_id?: string;
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly function: { readonly name: string; readonly arguments: string };
  }[];
}

/** What the model does next. Arguments given as a text go out as they are, valid or not. */
export interface ScriptedTurn {
  readonly text?: string;
  readonly calls?: readonly {
    readonly tool: string;
    readonly arguments: Readonly<Record<string, unknown>> | string;
  }[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
}

/** What the server does instead of answering. */
export interface ScriptedFailure {
  readonly status: number;
  readonly body?: string;
}

export type Script = (
  messages: readonly ScriptedMessage[],
) => ScriptedTurn | ScriptedFailure | Promise<ScriptedTurn | ScriptedFailure>;

export interface ScriptedModel {
  /** What `createModel` takes as `url`. */
  readonly url: string;
  /** Bodies of the requests so far, oldest first. */
  readonly requests: readonly Readonly<Record<string, unknown>>[];
  close(): Promise<void>;
}

/**
 * A server on loopback that speaks Chat Completions, without streaming, and proposes from a script:
 * a function of the conversation, or turns to be taken one after the other and then an end.
 */
export async function startScriptedModel(
  script: Script | readonly (ScriptedTurn | ScriptedFailure)[],
): Promise<ScriptedModel> {
  const requests: Readonly<Record<string, unknown>>[] = [];
  const next = typeof script === "function" ? script : oneAfterTheOther(script);
  const server = createServer((request, response) => {
    void serve(request, response, { next, requests });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1`, requests, close: () => close(server) };
}

function oneAfterTheOther(turns: readonly (ScriptedTurn | ScriptedFailure)[]): Script {
  let taken = 0;
  return () => {
    taken += 1;
    return turns[taken - 1] ?? { text: "That is all." };
  };
}

interface Serving {
  readonly next: Script;
  readonly requests: Readonly<Record<string, unknown>>[];
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { next, requests }: Serving,
): Promise<void> {
  try {
    const body = await readBody(request);
    if (request.method !== "POST" || request.url !== "/v1/chat/completions") {
      return answer(response, 404, errorBody("no such route"));
    }
    requests.push(body);
    const turn = await next(body["messages"] as readonly ScriptedMessage[]);
    if ("status" in turn) answer(response, turn.status, turn.body ?? errorBody("scripted"));
    else answer(response, 200, JSON.stringify(completion(turn, body)));
  } catch (error) {
    answer(response, 400, errorBody(String(error)));
  }
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
}

function answer(response: ServerResponse, status: number, body: string): void {
  // `retry-after-ms` is what the `openai` package reads first; a script is not worth waiting for.
  response.writeHead(status, { "content-type": "application/json", "retry-after-ms": "1" });
  response.end(body);
}

function errorBody(message: string): string {
  return JSON.stringify({ error: { message, type: "scripted", code: null, param: null } });
}

function completion(turn: ScriptedTurn, body: Readonly<Record<string, unknown>>): unknown {
  const calls = turn.calls && { tool_calls: turn.calls.map(toolCall) };
  return {
    id: `chatcmpl-${randomUUID()}`,
    object: "chat.completion",
    created: 0,
    model: body["model"],
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: turn.text ?? null, refusal: null, ...calls },
        finish_reason: calls === undefined ? "stop" : "tool_calls",
      },
    ],
    ...(turn.usage !== null && { usage: turn.usage ?? countUsage(body["messages"], turn) }),
  };
}

function toolCall(call: NonNullable<ScriptedTurn["calls"]>[number]): unknown {
  const given = call.arguments;
  const text = typeof given === "string" ? given : JSON.stringify(given);
  return {
    id: `call_${randomUUID()}`,
    type: "function",
    function: { name: functionName(call.tool), arguments: text },
  };
}

/** As rough as it is harmless: four characters are a token. */
function countUsage(prompt: unknown, answered: unknown): ScriptedTurn["usage"] {
  const tokens = (value: unknown): number => Math.ceil(JSON.stringify(value).length / 4);
  return { prompt_tokens: tokens(prompt), completion_tokens: tokens(answered) };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
