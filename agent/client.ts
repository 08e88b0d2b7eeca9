import type { CallAnswer, CallProposal } from "../manifests/call.ts";
import type { JsonValue } from "../manifests/json.ts";
import type { SessionBudget, SessionRequest } from "../manifests/session.ts";
import { type OpenedSession, readCallAnswer, readSession, refusalOf } from "./answers.ts";
import { GatewayError } from "./gateway-error.ts";
import { type ProposeOptions, propose } from "./propose.ts";
import { createSend, type Reply, type Request, type Send } from "./send.ts";
import { type FunctionTool, readFunctionTools, readTools, type ToolDescription } from "./tools.ts";

export interface ClientOptions {
  /** Of the agents' listener, such as `http://127.0.0.1:8700`. */
  readonly baseUrl: string;
  /** A host's key opens sessions; an agent's token proposes calls. */
  readonly token: string;
  readonly fetch?: typeof fetch;
}

/** What to open a session with; what is left out gets the gateway's defaults. */
export type SessionWish = Pick<SessionRequest, "principal"> &
  Partial<Omit<SessionRequest, "principal" | "budget">> & {
    readonly budget?: Partial<SessionBudget>;
  };

/** Every method rejects with a `GatewayError` where there is no answer to give. */
export interface Client {
  /** For hosts: what the user said is trusted, so an agent cannot write it. */
  openSession(wish: SessionWish): Promise<OpenedSession>;
  /** For hosts: what the user says next. */
  addTurn(session: string, text: string): Promise<void>;
  /** Resolves with however the call ended; a refusal is an answer too. */
  propose(session: string, proposal: CallProposal, options?: ProposeOptions): Promise<CallAnswer>;
  cancel(session: string, call: string): Promise<void>;
  call(id: string): Promise<CallAnswer>;
  tools(): Promise<readonly ToolDescription[]>;
  /** As Chat Completions wants them; `toolName` leads back from a function's name. */
  tools(as: { readonly format: "openai" }): Promise<readonly FunctionTool[]>;
}

/**
 * A client of Ringward's HTTP API.
 *
 * @throws {TypeError} where `baseUrl` is no URL.
 */
export function createClient(options: ClientOptions): Client {
  const send = createSend({ fetch: globalThis.fetch, ...options });
  return {
    openSession: async (wish) =>
      readSession(await succeed(send, post("/v1/sessions", wish as unknown as JsonValue))),
    addTurn: async (session, text) => {
      await succeed(send, post(`/v1/sessions/${encodeURIComponent(session)}/turns`, { text }));
    },
    propose: (session, proposal, how = {}) => propose(send, { session, proposal, ...how }),
    cancel: async (session, call) => {
      const path = `/v1/sessions/${encodeURIComponent(session)}/calls/${encodeURIComponent(call)}`;
      await succeed(send, { method: "DELETE", path });
    },
    call: async (id) =>
      readCallAnswer(await succeed(send, get(`/v1/calls/${encodeURIComponent(id)}`))),
    tools: listTools(send),
  };
}

function post(path: string, body: JsonValue): Request {
  return { method: "POST", path, body };
}

function get(path: string): Request {
  return { method: "GET", path };
}

function listTools(send: Send): Client["tools"] {
  const list = async (as?: { readonly format: "openai" }): Promise<unknown> =>
    as === undefined
      ? readTools(await succeed(send, get("/v1/tools")))
      : readFunctionTools(await succeed(send, get(`/v1/tools?format=${as.format}`)));
  return list as Client["tools"];
}

async function succeed(send: Send, request: Request): Promise<Reply> {
  const reply = await send(request);
  if (reply.isProblem) throw refusalOf(reply);
  if (reply.status >= 200 && reply.status < 300) return reply;
  throw new GatewayError("answer-invalid", `unexpected status ${reply.status}`);
}
