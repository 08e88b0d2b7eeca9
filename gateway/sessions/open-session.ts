import { cleanLabel } from "../../manifests/label.ts";
import { permissionsWithin } from "../../manifests/permissions.ts";
import { planWithin } from "../../manifests/plan.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Session, SessionBudget, SessionRequest } from "../../manifests/session.ts";
import { mintKey } from "../credentials/secret-key.ts";
import type { Deps } from "../deps.ts";
import type { Actor } from "../store/store.ts";

export interface OpenedSession {
  readonly session: Session;
  /** Good for this session alone; shown this once. */
  readonly token: string;
}

/**
 * Opens a session for a host, with the token that its agent will hold.
 *
 * @throws {Refusal} `SESSION_UNKNOWN` for a parent that is missing, another principal's or ended;
 * `PERMISSION_EXCEEDED` where the request asks for more than its parent has; `REQUEST_INVALID` for a
 * plan with a tool that is not there.
 */
export async function openSession(
  request: SessionRequest,
  by: Actor,
  deps: Pick<Deps, "clock" | "newId" | "store" | "tools">,
): Promise<OpenedSession> {
  const now = deps.clock.now();
  requireTools(request, deps);
  const parent = await findParent(request, now, deps);
  const limited = parent === undefined ? request : withinParent(request, parent, now);
  const expiresAt = now + limited.seconds * 1_000;
  const id = deps.newId("session");
  const about = { kind: "agent", principal: limited.principal, session: id } as const;
  const { key, secret } = mintKey({ ...about, id: deps.newId("key"), now, expiresAt });
  const fresh: Session = { ...limited, id, openedAt: now, expiresAt, label: cleanLabel, epoch: 0 };
  return { session: await deps.store.sessions.open(fresh, key, by), token: secret };
}

function requireTools({ plan = [] }: SessionRequest, { tools }: Pick<Deps, "tools">): void {
  const unknown = plan.find(({ tool }) => !tools.has(tool));
  if (unknown) {
    throw new Refusal(
      "REQUEST_INVALID",
      `the plan names \`${unknown.tool}\`, and there is no such tool`,
    );
  }
}

async function findParent(
  request: SessionRequest,
  now: number,
  { store }: Pick<Deps, "store">,
): Promise<Session | undefined> {
  if (request.parent === undefined) return undefined;
  const parent = await store.sessions.find(request.parent);
  const isUsable = parent?.principal === request.principal && parent.expiresAt > now;
  if (!isUsable) throw new Refusal("SESSION_UNKNOWN", "the parent session does not exist any more");
  return parent;
}

/** A child has at most what its parent has; what it does not ask for it inherits. */
function withinParent(request: SessionRequest, parent: Session, now: number): SessionRequest {
  const { tools = parent.tools, permissions = parent.permissions, plan = parent.plan } = request;
  if (parent.tools !== undefined && !tools?.every((tool) => parent.tools?.includes(tool))) {
    throw new Refusal("PERMISSION_EXCEEDED", "the session asks for a tool that its parent has not");
  }
  if (parent.permissions && permissions && !permissionsWithin(permissions, parent.permissions)) {
    throw new Refusal("PERMISSION_EXCEEDED", "the session asks for more than its parent may do");
  }
  if (parent.plan && plan && !planWithin(plan, parent.plan)) {
    throw new Refusal("PERMISSION_EXCEEDED", "the session plans what its parent does not");
  }
  return {
    ...request,
    ...(plan && { plan }),
    ...(tools && { tools }),
    ...(permissions && { permissions }),
    budget: smaller(request.budget, parent.budget),
    seconds: Math.min(request.seconds, Math.floor((parent.expiresAt - now) / 1_000)),
  };
}

function smaller(a: SessionBudget, b: SessionBudget): SessionBudget {
  return {
    calls: Math.min(a.calls, b.calls),
    bytes: Math.min(a.bytes, b.bytes),
    seconds: Math.min(a.seconds, b.seconds),
  };
}
