import {
  type CallAnswer,
  type CallProposal,
  callProposalJsonSchema,
  parseCallProposal,
} from "../../manifests/call.ts";
import type { JsonObject } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { Refusal, refusalCodes, refusalEntry } from "../../manifests/refusals.ts";
import type { Flight } from "../calls-in-flight.ts";
import type { Caller } from "../credentials/credentials.ts";
import type { Gateway } from "../open-gateway.ts";
import type { CallRow } from "../store/store.ts";
import { type Answer, callAnswer, emptyAnswer, jsonAnswer } from "./answer.ts";
import type { Log } from "./log.ts";
import { prefersAsync, readIdempotencyKey } from "./request-checks.ts";
import type { AskedBy, GuardedRoute, QueryParameter } from "./route.ts";
import { callAnswerSchema } from "./schemas.ts";
import { type UnwaitedCall, UnwaitedCalls } from "./unwaited-calls.ts";

export interface CallRoutesOptions {
  readonly gateway: Gateway;
  readonly log: Log;
}

/** Proposing calls, asking after them, and cancelling them. */
export function callRoutes(options: CallRoutesOptions): readonly GuardedRoute[] {
  const deps: Needs = { ...options, unwaited: new UnwaitedCalls() };
  return [
    {
      method: "POST",
      path: "/v1/sessions/:session/calls",
      summary:
        "Propose a call. Answers when it has ended, or at once with `Prefer: respond-async`.",
      kinds: ["agent"],
      body: callProposalJsonSchema(),
      headers: proposalHeaders,
      answers: {
        200: { says: "The call has completed.", schema: callAnswerSchema },
        202: { says: "The call runs; ask at `Location` how it ended.", schema: callAnswerSchema },
      },
      refusals: refusalCodes.filter((code) => code !== "NOT_FOUND"),
      handle: (asked) => propose(asked, deps),
    },
    {
      method: "DELETE",
      path: "/v1/sessions/:session/calls/:call",
      summary: "Cancel a call that runs. It ends as `CANCELLED`, unless it ends first.",
      kinds: ["agent"],
      answers: { 202: { says: "The call is being stopped." } },
      refusals: ["NOT_FOUND"],
      handle: (asked) => cancel(asked, deps),
    },
    {
      method: "GET",
      path: "/v1/calls/:call",
      summary: "How a call stands, or ended. A refused call is an answer here, not a refusal.",
      kinds: ["agent", "host"],
      answers: { 200: { says: "The call.", schema: callAnswerSchema } },
      refusals: ["NOT_FOUND"],
      handle: (asked) => ask(asked, deps),
    },
  ];
}

const proposalHeaders: readonly QueryParameter[] = [
  {
    name: "Idempotency-Key",
    says: "The same key and body again, in the same session, get the first answer again.",
    schema: { type: "string", minLength: 1, maxLength: limits.idempotencyKeyChars },
  },
  {
    name: "Prefer",
    says: "`respond-async` to be answered at once.",
    schema: { type: "string" },
  },
];

interface Needs extends CallRoutesOptions {
  readonly unwaited: UnwaitedCalls;
}

async function propose(asked: AskedBy, deps: Needs): Promise<Answer> {
  const proposal = parseCallProposal(asked.body);
  const idempotencyKey = readIdempotencyKey(asked.headers);
  const session = asked.params["session"] ?? "";
  const flight = deps.gateway.calls.begin({
    bearer: asked.bearer,
    session,
    proposal,
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  });
  const told = flight.answer.then((answer) => tell(answer, asked, deps));
  if (prefersAsync(asked.headers)) return accept(flight, { asked, proposal }, deps);
  // Whoever gave a key will come back for the answer; nobody could ever get that of another call.
  if (idempotencyKey === undefined) {
    asked.onHangUp(() => deps.gateway.calls.cancel(session, flight.id));
  }
  return callAnswer(await told);
}

/** What no honest call ends with: it stands out among the lines, and in a log of errors alone. */
const alarms: readonly (string | undefined)[] = ["SECRET_MISUSED", "SANDBOX_CRASH"];

/** The call's one line in the log. */
function tell(answer: CallAnswer, asked: AskedBy, { log }: Needs): CallAnswer {
  const { id: call, tool, status, code, ring, tier, ms } = answer;
  const { session } = asked.params;
  log[alarms.includes(code) ? "error" : "info"](
    { call, session, actor: asked.caller.actor, tool, status, code, ring, tier, ms },
    "call",
  );
  return answer;
}

function accept(
  flight: Flight,
  { asked, proposal }: { readonly asked: AskedBy; readonly proposal: CallProposal },
  deps: Needs,
): Answer {
  const { actor } = asked.caller;
  const { tool } = proposal;
  deps.unwaited.add(flight, { actor, tool, startedAt: deps.gateway.deps.clock.now() });
  const running: CallAnswer = { status: "running", id: flight.id, tool, ms: 0 };
  return jsonAnswer(202, running, {
    location: `/v1/calls/${flight.id}`,
    "preference-applied": "respond-async",
  });
}

/** A call that is not there, has ended, or is another session's: all alike. */
async function cancel({ caller, params }: AskedBy, deps: Needs): Promise<Answer> {
  const { session = "", call = "" } = params;
  const row = await deps.gateway.deps.store.sessions.find(session);
  const isOwn = row !== undefined && isOfSession(caller, { session, principal: row.principal });
  if (!isOwn || !deps.gateway.calls.cancel(session, call)) throw new Refusal("NOT_FOUND");
  return emptyAnswer(202);
}

async function ask({ caller, params }: AskedBy, deps: Needs): Promise<Answer> {
  const { call = "" } = params;
  const unwaited = findOwn(call, caller, deps);
  if (unwaited?.answer !== undefined) return jsonAnswer(200, unwaited.answer);
  const row = await deps.gateway.deps.store.calls.find(unwaited?.repeats ?? call);
  if (row !== undefined && isOfSession(caller, row)) return jsonAnswer(200, answerOfRow(row, deps));
  if (unwaited === undefined) throw new Refusal("NOT_FOUND");
  const { tool, startedAt } = unwaited;
  const ms = deps.gateway.deps.clock.now() - startedAt;
  return jsonAnswer(200, { status: "running", id: call, tool, ms });
}

function findOwn(id: string, caller: Caller, { unwaited }: Needs): UnwaitedCall | undefined {
  const call = unwaited.find(id);
  return call?.actor === caller.actor || caller.kind === "host" ? call : undefined;
}

/** Hosts opened the sessions; an agent sees those of its principal, its token's one alone. */
function isOfSession(caller: Caller, of: { session: string; principal: string }): boolean {
  if (caller.kind === "host") return true;
  if (caller.session !== undefined && caller.session !== of.session) return false;
  return caller.principal === of.principal;
}

/** Without the output where its payload has expired. */
function answerOfRow(row: CallRow, { gateway }: Needs): CallAnswer {
  if (row.answer !== undefined) return row.answer;
  const { id, tool, status, startedAt, endedAt = gateway.deps.clock.now() } = row;
  const about = { status, id, tool, ms: Math.max(0, endedAt - startedAt) };
  return status === "unknown" ? { ...about, ...outcomeUnknown() } : about;
}

function outcomeUnknown(): Partial<CallAnswer> & JsonObject {
  const { ring, says: detail, mend } = refusalEntry("OUTCOME_UNKNOWN");
  return { code: "OUTCOME_UNKNOWN", ring, detail, mend };
}
