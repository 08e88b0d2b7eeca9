import type { CallAnswer } from "../../manifests/call.ts";
import { limits } from "../../manifests/limits.ts";
import { Lru } from "../../manifests/lru.ts";
import type { RefusalCode } from "../../manifests/refusals.ts";
import type { Freeze, FreezeKind, FreezeStore } from "../store/store.ts";
import type { Reached } from "../trace.ts";
import type { SignalKind, SignalRule, SignalRules } from "./rules.ts";

/** Counts what calls show of an attack, and freezes as an operator would. */
export interface Signals {
  /** Resolves with what was frozen because of this call, once that is durable. Never rejects. */
  heed(call: EndedCall): Promise<readonly Freeze[]>;
}

export interface EndedCall {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly reached: Reached;
  readonly answer: CallAnswer;
}

/** Codes that no honest call brings about. */
const kinds: Partial<Record<RefusalCode, SignalKind>> = {
  SANDBOX_CRASH: "crashes",
  SECRET_MISUSED: "misusedSecrets",
};

const names: Readonly<Record<SignalKind, string>> = {
  crashes: "crashes of the sandbox",
  misusedSecrets: "misuses of a secret",
};

/** Counted in this process: a restart forgets what was counted, never what was frozen. */
export function createSignals(freezes: FreezeStore, rules: SignalRules): Signals {
  const windows = new Lru<string, Window>(limits.signalWindows);
  return {
    async heed(call) {
      const frozen: Freeze[] = [];
      for (const one of countedFor(call, rules)) {
        if (await freezeAtLimit(one, { call, windows, freezes })) frozen.push(one.what);
      }
      return frozen;
    },
  };
}

/** The signals of one window, oldest first. */
type Window = readonly { readonly at: number; readonly call: string }[];

interface Counted {
  readonly window: string;
  readonly what: Freeze;
  readonly kind: SignalKind;
  readonly rule: SignalRule;
}

function countedFor({ id, reached, answer }: EndedCall, rules: SignalRules): readonly Counted[] {
  const { session, tool, result } = reached;
  // An answer that is given again was counted when it was given first.
  if (session === undefined || tool === undefined || answer.id !== id) return [];
  const ids: Record<FreezeKind, string> = {
    session: session.id,
    principal: session.principal,
    tool: tool.manifest.name,
  };
  const codes = [answer.code, ...(result?.requests ?? []).map(({ code }) => code)];
  const shown = new Set(codes.flatMap((code) => (code && kinds[code]) ?? []));
  return [...shown].flatMap((kind) =>
    rules[kind].freeze.map((target) => {
      // Another version of a tool starts anew.
      const counted = target === "tool" ? tool.pin : ids[target];
      const window = `${kind} ${target} ${counted}`;
      return { window, kind, rule: rules[kind], what: { kind: target, id: ids[target] } };
    }),
  );
}

interface Means {
  readonly call: EndedCall;
  readonly windows: Lru<string, Window>;
  readonly freezes: FreezeStore;
}

async function freezeAtLimit(
  { window, what, kind, rule }: Counted,
  { call, windows, freezes }: Means,
): Promise<boolean> {
  const { id, at } = call;
  const since = at - rule.seconds * 1_000;
  const recent = [...(windows.get(window) ?? []), { at, call: id }].filter((one) => one.at > since);
  const isReached = recent.length >= rule.limit;
  windows.set(window, isReached ? [] : recent);
  if (!isReached) return false;
  try {
    await freezes.freeze(what, reasonOf(kind, recent, rule), "gateway");
    return true;
  } catch {
    // A store that cannot write admits nothing either; the next signal tries again.
    windows.set(window, recent.slice(1));
    return false;
  }
}

const namedCalls = 5;

function reasonOf(kind: SignalKind, recent: Window, { seconds }: SignalRule): string {
  const calls = recent.slice(-namedCalls).map(({ call }) => call);
  return `${recent.length} ${names[kind]} within ${seconds} s, the last ones in ${calls.join(", ")}`;
}
