import { z } from "zod";

/** What is done about what detectors find in a result, weakest first. */
export const actions = ["record", "annotate", "redact", "quarantine", "ask", "block"] as const;
export type Action = (typeof actions)[number];

/** Families of findings: the first word of a finding's kind. */
export const findingFamilies = ["secret", "disguise", "injection", "personal", "active"] as const;

/** Every result that nobody trusted stands behind, whatever was found in it. */
export const untrustedResult = "untrusted";

/** By a family (`injection`), one kind (`injection:hide-from-user`), or `untrusted`. */
export type ActionsByKind = Readonly<Record<string, Action>>;

/** What a deployment does that says nothing of it. */
export const defaultActions: ActionsByKind = { secret: "redact", injection: "annotate" };

export function strongestAction(...some: readonly Action[]): Action {
  return actions[Math.max(0, ...some.map((one) => actions.indexOf(one)))] ?? "block";
}

/** The strongest that any of `asked` names for the kind, by itself or by its family. */
export function actionOn(kind: string, asked: readonly ActionsByKind[]): Action {
  const family = familyOf(kind);
  const named = asked.flatMap((one) => [one[kind] ?? "record", one[family] ?? "record"]);
  return strongestAction(...named);
}

/** For each kind the strongest that any of the maps names. */
export function joinActions(maps: readonly ActionsByKind[]): ActionsByKind {
  const joined: Record<string, Action> = {};
  for (const [kind, action] of maps.flatMap((map) => Object.entries(map))) {
    joined[kind] = strongestAction(joined[kind] ?? "record", action);
  }
  return joined;
}

export function familyOf(kind: string): string {
  return kind.split(":", 1)[0] ?? kind;
}

/** The map of actions in a file; a secret is never handed over as it is. */
export function actionsSchema(allowed: readonly Action[]): z.ZodType<ActionsByKind> {
  return z.record(z.string(), z.enum(allowed)).superRefine((map, context) => {
    for (const [kind, action] of Object.entries(map)) {
      const message = problemOf(kind, action);
      if (message) context.addIssue({ code: "custom", path: [kind], message });
    }
  });
}

/** One entry of such a map as a policy writes it, `injection: quarantine`; undefined for none. */
export function parseAction(text: string): ActionsByKind | undefined {
  const [kind = "", action = "", ...rest] = text.split(/\s*:\s+/);
  const isAction = actions.slice(1).some((known) => known === action);
  if (rest.length > 0 || !isAction || problemOf(kind, action as Action)) return undefined;
  return { [kind]: action as Action };
}

const kindPattern = new RegExp(`^(?:${findingFamilies.join("|")})(?::[a-z0-9]+(?:-[a-z0-9]+)*)?$`);

function problemOf(kind: string, action: Action): string | undefined {
  if (kind === untrustedResult) {
    return action === "redact" ? "of an untrusted result nothing says what to redact" : undefined;
  }
  if (!kindPattern.test(kind)) {
    return `no kind of finding: a family (${findingFamilies.join(", ")}), one of its kinds, or \`untrusted\``;
  }
  const isWeak = actions.indexOf(action) < actions.indexOf("redact");
  const isShown = familyOf(kind) === "secret" && isWeak;
  return isShown ? `a secret is at least redacted, and \`${action}\` is weaker` : undefined;
}
