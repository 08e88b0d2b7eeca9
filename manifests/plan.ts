import { z } from "zod";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";
import { limits } from "./limits.ts";
import { provenanceLimits } from "./provenance-limits.ts";

/** What a session means to do to the world. Reading is free; any other effect has to stand in here. */
export type Plan = readonly PlannedCall[];

export interface PlannedCall {
  readonly tool: string;
  /** Arguments by name; those that are left out may be anything. */
  readonly arguments: Readonly<Record<string, ArgumentPattern>>;
}

/**
 * One value, or several of which any will do. In a text `*` stands for any characters. Of a list, and
 * of what is in it, every part has to fit.
 */
export type ArgumentPattern = Atom | readonly Atom[];
type Atom = string | number | boolean | null;

const atom = z.union([
  z.string().max(provenanceLimits.planTextChars),
  z.number(),
  z.boolean(),
  z.null(),
]);

export const planSchema: z.ZodType<Plan> = z
  .array(
    z.strictObject({
      tool: z.string().max(limits.toolNameChars),
      arguments: z
        .record(
          z.string().max(limits.toolNameChars),
          z.union([atom, z.array(atom).min(1).max(provenanceLimits.planValues)]),
        )
        .default({}),
    }),
  )
  .max(provenanceLimits.plannedCalls);

/** Whether a call is one that the plan names. */
export function isPlanned(plan: Plan, tool: string, args: JsonObject): boolean {
  return plan.some((planned) => {
    const patterns = Object.entries(planned.arguments);
    return planned.tool === tool && patterns.every(([name, pattern]) => fits(args[name], pattern));
  });
}

/** Whether whatever the one plan lets through the other does too. */
export function planWithin(part: Plan, whole: Plan): boolean {
  return part.every((call) => whole.some((wider) => isCallWithin(call, wider)));
}

function isCallWithin(call: PlannedCall, wider: PlannedCall): boolean {
  return (
    call.tool === wider.tool &&
    Object.entries(wider.arguments).every(([name, pattern]) => {
      const own = call.arguments[name];
      return own !== undefined && atomsOf(own).every((one) => fits(one, pattern));
    })
  );
}

function fits(value: JsonValue | undefined, pattern: ArgumentPattern): boolean {
  if (value === undefined) return false;
  if (Array.isArray(value)) return value.length > 0 && value.every((item) => fits(item, pattern));
  if (isJsonObject(value)) return false;
  return atomsOf(pattern).some((one) => fitsAtom(value, one));
}

function atomsOf(pattern: ArgumentPattern): readonly Atom[] {
  return Array.isArray(pattern) ? (pattern as readonly Atom[]) : [pattern as Atom];
}

function fitsAtom(value: Atom, pattern: Atom): boolean {
  if (typeof value !== "string" || typeof pattern !== "string") return value === pattern;
  return fitsText(value, pattern.split("*"));
}

/** Each part behind the one before, the first at the start, the last at the end. Linear. */
function fitsText(text: string, parts: readonly string[]): boolean {
  const [first = "", last = ""] = [parts.at(0), parts.at(-1)];
  if (parts.length === 1) return text === first;
  if (text.length < first.length + last.length) return false;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  const inner = text.slice(first.length, text.length - last.length);
  let at = 0;
  return parts.slice(1, -1).every((part) => {
    const found = inner.indexOf(part, at);
    at = found + part.length;
    return found >= 0;
  });
}
