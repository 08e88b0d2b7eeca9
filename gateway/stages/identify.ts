import type { Context } from "../../guardrails/detector.ts";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Session } from "../../manifests/session.ts";
import type { Caller } from "../credentials/credentials.ts";
import type { Deps } from "../deps.ts";
import type { SessionView } from "../sessions/sessions.ts";
import type { Identified, Received } from "../state.ts";
import type { Tool } from "../tools/tool.ts";

type Needs = Pick<Deps, "clock" | "credentials" | "policy" | "sessions" | "tools">;

/** Ring 1: who proposes, in which session, and whether this tool is visible to them at all. */
export async function identify(received: Received, deps: Needs): Promise<Identified> {
  const { bearer, ...rest } = received;
  const caller = await authenticateAgent(bearer, deps);
  received.trace.reach({ ...rest, caller });
  const { session, index } = await findSession(received.sessionId, caller, deps);
  received.trace.reach({ ...rest, caller, session });
  const tool = findTool(received.proposal.tool, session, deps);
  received.trace.note("identify", { actor: caller.actor, pin: tool.pin });
  const context = contextOf(session, deps);
  return received.trace.reach({ ...rest, caller, session, index, tool, context });
}

/** The same call, by what its session has seen till now. */
export async function lookAgain<T extends Identified>(state: T, deps: Needs): Promise<T> {
  return { ...state, ...(await findSession(state.session.id, state.caller, deps)) };
}

async function authenticateAgent(bearer: string, { credentials }: Needs): Promise<Caller> {
  const caller = await credentials.authenticate(bearer);
  if (caller.kind !== "agent") {
    throw new Refusal("CREDENTIAL_KIND", "only an agent's credential proposes calls");
  }
  return caller;
}

async function findSession(id: string, caller: Caller, deps: Needs): Promise<SessionView> {
  const view = await deps.sessions.view(id.slice(0, limits.idChars));
  if (view === undefined || !mayUse(caller, view.session)) throw new Refusal("SESSION_UNKNOWN");
  if (view.session.expiresAt <= deps.clock.now()) throw new Refusal("SESSION_ENDED");
  return view;
}

function mayUse(caller: Caller, session: Session): boolean {
  if (caller.session !== undefined && caller.session !== session.id) return false;
  return caller.principal === session.principal;
}

/** A tool that this session may not see and one that does not exist look alike. */
function findTool(name: string, session: Session, deps: Needs): Tool {
  const tool = deps.tools.get(name);
  if (tool === undefined || !isVisible(name, session, deps)) throw new Refusal("TOOL_UNKNOWN");
  return tool;
}

function contextOf(session: Session, deps: Needs): Context {
  return { tools: [...deps.tools.keys()].filter((name) => isVisible(name, session, deps)) };
}

/** Whether policy could ever let this session call the tool. */
export function isVisible(name: string, session: Session, deps: Pick<Deps, "policy">): boolean {
  if (session.tools !== undefined && !session.tools.includes(name)) return false;
  return deps.policy.visible({ id: session.principal, groups: session.groups }, name);
}
