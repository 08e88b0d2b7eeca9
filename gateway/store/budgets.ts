import type { Database } from "better-sqlite3";
import { Refusal } from "../../manifests/refusals.ts";
import type { Intent } from "./store.ts";

/** What of a session's row the budget needs. */
export interface SessionUse {
  readonly used_calls: number;
  readonly used_bytes: number;
  readonly used_seconds: number;
  readonly budget_calls: number;
  readonly budget_bytes: number;
  readonly budget_seconds: number;
}

interface ToolUse {
  readonly calls: number;
  readonly window_start: number;
  readonly window_calls: number;
}

const minuteMs = 60_000;

/**
 * Takes one call, its bytes and its seconds out of the session's budget, and one call out of the
 * tool's. `perMinute` counts calls of one session in windows of a minute, each begun by a call.
 *
 * @throws {Refusal} `BUDGET_EXHAUSTED`; only a minute's budget says when to come back.
 */
export function prepareReserve(db: Database): (intent: Intent, session: SessionUse) => void {
  const useSession = db.prepare(
    "UPDATE sessions SET used_calls = used_calls + 1, used_bytes = used_bytes + ?, used_seconds = used_seconds + ? WHERE id = ?",
  );
  const findTool = db.prepare(
    "SELECT calls, window_start, window_calls FROM tool_use WHERE session = ? AND tool = ?",
  );
  const useTool = db.prepare(
    `INSERT INTO tool_use (session, tool, calls, window_start, window_calls) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET calls = excluded.calls, window_start = excluded.window_start,
       window_calls = excluded.window_calls`,
  );
  return ({ at, grant, budget }, session) => {
    checkSessionBudget(session, budget);
    const found = findTool.get(grant.session, grant.tool) as ToolUse | undefined;
    const use = inWindow(found ?? { calls: 0, window_start: at, window_calls: 0 }, at);
    checkToolBudget(use, budget, at);
    useSession.run(budget.bytes, budget.seconds, grant.session);
    const counts = [use.calls + 1, use.window_start, use.window_calls + 1];
    useTool.run(grant.session, grant.tool, ...counts);
  };
}

function checkSessionBudget(session: SessionUse, budget: Intent["budget"]): void {
  if (session.used_calls >= session.budget_calls) throw exhausted("calls", session.budget_calls);
  if (session.used_bytes + budget.bytes > session.budget_bytes) {
    throw exhausted("bytes", session.budget_bytes);
  }
  if (session.used_seconds + budget.seconds > session.budget_seconds) {
    throw exhausted("seconds", session.budget_seconds);
  }
}

function exhausted(what: string, budget: number): Refusal {
  return new Refusal("BUDGET_EXHAUSTED", `the session's budget of ${budget} ${what} is used up`);
}

/** A window that is over is a new one; so is one that a turned-back clock left in the future. */
function inWindow(use: ToolUse, at: number): ToolUse {
  const age = at - use.window_start;
  if (age >= 0 && age < minuteMs) return use;
  return age < 0 ? { ...use, window_start: at } : { ...use, window_start: at, window_calls: 0 };
}

function checkToolBudget(use: ToolUse, budget: Intent["budget"], at: number): void {
  const { perSession, perMinute } = budget;
  if (perSession !== undefined && use.calls >= perSession) {
    const detail = `this tool's budget of ${perSession} calls a session is used up`;
    throw new Refusal("BUDGET_EXHAUSTED", detail);
  }
  if (perMinute !== undefined && use.window_calls >= perMinute) {
    const retryAfterSeconds = Math.ceil((use.window_start + minuteMs - at) / 1000);
    const detail = `this tool's budget of ${perMinute} calls a minute is used up`;
    throw new Refusal("BUDGET_EXHAUSTED", detail, { retryAfterSeconds });
  }
}
