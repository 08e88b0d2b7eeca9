import type { CallAnswer } from "../../manifests/call.ts";
import { canonicalJson } from "../../manifests/canonical.ts";
import { Refusal, refusalEntry } from "../../manifests/refusals.ts";
import type { Deps } from "../deps.ts";
import type { End } from "../ended.ts";
import { endDetails } from "../records.ts";
import type { Inspected, Received } from "../state.ts";
import type { Approval, Settlement } from "../store/store.ts";
import type { NewWithheld } from "../store/withheld.ts";
import { countFindings, fieldsOf, labelOfResult } from "./inspect.ts";
import { areEndorsed } from "./trace.ts";

type Needs = Pick<Deps, "clock" | "selfProof" | "store">;

/**
 * Ring 10: writes how the call ended, then answers. What cannot be written is not answered: the
 * agent gets no output, and is told why.
 */
export async function settle(received: Received, end: End, deps: Needs): Promise<CallAnswer> {
  const answer = answerOf(received, end);
  try {
    await write(received, { end, answer }, deps);
    return answer;
  } catch (error) {
    return await settleUnwritten(received, { end, error }, deps);
  }
}

async function write(
  received: Received,
  settled: { readonly end: End; readonly answer: CallAnswer },
  deps: Needs,
): Promise<void> {
  // A stranger's failed login belongs to no session, the door counts those; and an answer given
  // again is no new call.
  if (received.trace.reached.caller === undefined || settled.end.kind === "repeated") return;
  await deps.store.calls.settle(settlementOf(received, settled, deps));
}

/** The one refusal that can still be written is that of asking too often. */
async function settleUnwritten(
  received: Received,
  failed: { readonly end: End; readonly error: unknown },
  deps: Needs,
): Promise<CallAnswer> {
  const refusal = asRefusal(failed.error);
  const refused: End = { kind: "refused", refusal };
  const mayBeWritten = failed.end.kind === "pending" || isFull(refusal);
  if (!mayBeWritten || failed.end.kind === "refused") return answerOf(received, refused);
  return await settle(received, refused, deps);
}

/** The store has room, and this session may use no more of it. */
function isFull({ code }: Refusal): boolean {
  return code === "APPROVALS_EXHAUSTED" || code === "QUARANTINE_FULL";
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return new Refusal("RECORD_UNWRITABLE", undefined, { cause: error });
}

function answerOf(received: Received, end: End): CallAnswer {
  const { id, proposal, trace } = received;
  const about = { id, tool: proposal.tool, ms: trace.ms };
  switch (end.kind) {
    case "repeated":
      return end.answer;
    case "completed":
      return completedAnswer(about, end);
    case "refused":
      return { status: "refused", ...about, ...refusalFields(end.refusal) };
    case "pending": {
      const refusal = new Refusal("APPROVAL_REQUIRED");
      return { status: "pending", ...about, ...refusalFields(refusal), approval: end.approval.id };
    }
  }
}

type About = Pick<CallAnswer, "id" | "tool" | "ms">;

function completedAnswer(about: About, { state }: Extract<End, { kind: "completed" }>): CallAnswer {
  const { handed } = state;
  const { withheld } = handed;
  if (withheld?.approval) return askingAnswer(about, withheld.approval);
  const output = withheld ? { output: withheld.id, detail: howToPassOn } : handed;
  return handedAnswer(about, state, { ...output, actions: handed.actions });
}

const howToPassOn =
  "the output is withheld: `output` is a reference, to be passed on as a whole argument, with `#` and a JSON pointer for a part of it";

/** The call has run; what it gave waits for a person. */
function askingAnswer(about: About, approval: Approval): CallAnswer {
  const refusal = new Refusal("OUTPUT_WITHHELD");
  return { status: "pending", ...about, ...refusalFields(refusal), approval: approval.id };
}

function handedAnswer(
  about: About,
  state: Inspected,
  handed: Pick<CallAnswer, "output" | "spotlight" | "actions" | "detail">,
): CallAnswer {
  const { output = null, spotlight, actions = [], detail } = handed;
  return {
    status: "completed",
    output,
    ...about,
    tier: state.grant.sandbox.tier,
    label: state.outputLabel,
    findings: countFindings(state.outputFindings),
    ...(actions.length > 0 && { actions }),
    ...(spotlight && { spotlight }),
    ...(detail !== undefined && { detail }),
  };
}

function refusalFields(refusal: Refusal): Partial<CallAnswer> {
  const { code, ring, message: detail, retryAfterSeconds } = refusal;
  const { mend } = refusalEntry(code);
  return {
    code,
    ring,
    detail,
    mend,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  };
}

function settlementOf(
  received: Received,
  { end, answer }: { readonly end: End; readonly answer: CallAnswer },
  deps: Needs,
): Settlement {
  const { reached } = received.trace;
  return {
    at: deps.clock.now(),
    call: received.id,
    ...(reached.session && { session: reached.session.id, principal: reached.session.principal }),
    tool: received.proposal.tool,
    admitted: reached.grant !== undefined,
    answer,
    used: usedBy(received),
    ...handedOver(received, end),
    ...kept(received, end),
    ...asked(end),
    ...withheld(received, end),
    ...tokens(end),
    record: endDetails(received, end, deps.selfProof.standing),
  };
}

/**
 * What the agent is handed goes into the session's log, from which provenance is rebuilt; an error's
 * text comes from the tool too. A trusted result that nobody stands behind goes there empty: what it
 * says has no better source than it had before.
 */
function handedOver({ trace }: Received, end: End): Pick<Settlement, "result"> {
  if (end.kind === "completed") {
    const { outputLabel: label, output, handed } = end.state;
    const { isSource, ...fields } = sourceOf(end.state);
    const isRead = isSource && handed.withheld === undefined;
    return { result: { label, text: canonicalJson(isRead ? output : null), ...fields } };
  }
  const label = labelOfResult(trace.reached);
  if (end.kind !== "refused" || label === undefined) return {};
  const isSource = label.integrity === "untrusted";
  return { result: { label, text: canonicalJson(isSource ? end.refusal.message : null) } };
}

/** What a person is asked for, where it was not asked for before. */
function asked(end: End): Pick<Settlement, "approval"> {
  if (end.kind === "pending" && end.isNew) return { approval: end.approval };
  const approval = end.kind === "completed" ? end.state.handed.withheld?.approval : undefined;
  return approval ? { approval } : {};
}

/** What the agent may pass on of what it is not shown. */
function tokens(end: End): Pick<Settlement, "tokens"> {
  return end.kind === "completed" ? { tokens: end.state.tokens } : {};
}

/** The output that the agent is not handed now, and what it is told later. */
function withheld(received: Received, end: End): Pick<Settlement, "withheld"> {
  if (end.kind !== "completed" || end.state.handed.withheld === undefined) return {};
  const { state } = end;
  const { id, because, expiresAt, released } = end.state.handed.withheld;
  const about = { id: received.id, tool: received.proposal.tool, ms: received.trace.ms };
  const denied = { status: "refused", ...about, ...refusalFields(new Refusal("APPROVAL_DENIED")) };
  return {
    withheld: {
      ...{ id, because, expiresAt, label: state.outputLabel },
      output: canonicalJson(state.output),
      ...sourceOf(state),
      released: handedAnswer(about, state, { ...released, actions: ["annotate"] }),
      denied: denied as CallAnswer,
    },
  };
}

function sourceOf(state: Inspected): Pick<NewWithheld, "isSource" | "fields"> {
  const isEndorsed = areEndorsed(state.elements);
  const isSource = state.outputLabel.integrity === "untrusted" || isEndorsed;
  const fields = isEndorsed ? fieldsOf(state) : undefined;
  return { isSource, ...(fields && { fields }) };
}

/** For operators and auditors alone: an agent is told nothing of it. */
function kept({ trace: { reached } }: Received, end: End): Pick<Settlement, "ran"> {
  // What is blocked is kept nowhere, and a recording holds what the output was made of.
  if (end.kind === "refused" && end.refusal.code === "OUTPUT_BLOCKED") return {};
  const { recording, log = "" } = reached.result ?? {};
  return recording ? { ran: { recording: JSON.stringify(recording), log } } : {};
}

/** Bytes of arguments and output and seconds run, however the run ended. */
function usedBy({ trace: { reached } }: Received): Settlement["used"] {
  const usage = reached.result?.usage;
  const bytes = Buffer.byteLength(reached.argumentsText ?? "") + (usage?.outputBytes ?? 0);
  return { bytes, seconds: (usage?.wallMs ?? 0) / 1_000 };
}
