import { RE2JS } from "re2js";
import { z } from "zod";
import { findingFamilies } from "../../manifests/action.ts";
import { actionLimits } from "../../manifests/action-limits.ts";
import { limits } from "../../manifests/limits.ts";
import { parseYamlSource } from "../../manifests/yaml-source.ts";
import { endOf } from "./end-of.ts";
import { fieldOf } from "./field.ts";

/** One false alarm that an operator has looked at, and that nobody is to hear again until a date. */
export interface Suppression {
  readonly id: string;
  /** The whole kind of the finding, never a family. */
  readonly kind: string;
  readonly tool: string;
  readonly in: "arguments" | "result";
  /** A JSON pointer; `*` is one name or number. */
  readonly field: string;
  /** RE2, for the whole text of the field. */
  readonly pattern?: string;
  /** Of the whole text of the field, in hexadecimal. */
  readonly sha256?: string;
  /** The first day on which it is not applied any more, `YYYY-MM-DD` in UTC. */
  readonly until: string;
  readonly reason: string;
}

const dayMs = 86_400_000;

export interface Known {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The tools that there are; any name passes where it is left out. */
  readonly tools?: Pick<ReadonlySet<string>, "has">;
}

/**
 * Reads a file of suppressions. One whose date has passed is read all the same: it is applied to
 * nothing, and can be told.
 *
 * @throws {SourceError} for the first thing that is wrong.
 */
export function parseSuppressions(
  source: { readonly file: string; readonly text: string },
  known: Known,
): readonly Suppression[] {
  const guided = { ...source, guide: "docs/guards.md" };
  return parseYamlSource(guided, (input) => fileSchema(known).parse(input).suppressions);
}

/** What no operator can wave through: values that are really held here, and what nobody has read. */
const neverSuppressed = /^secret:held$|:unread$|:failed$/;

const kind: z.ZodType<string> = z
  .string()
  .regex(
    new RegExp(`^(?:${findingFamilies.join("|")}):[a-z0-9]+(?:-[a-z0-9]+)*$`),
    "the whole kind of a finding, like `injection:hide-from-user`",
  )
  .refine((text) => !neverSuppressed.test(text), "such a finding is never suppressed");

function fileSchema(known: Known): z.ZodType<{ readonly suppressions: readonly Suppression[] }> {
  return z.strictObject({
    apiVersion: z.literal("ringward/v1"),
    kind: z.literal("Suppressions"),
    suppressions: z
      .array(suppressionSchema(known))
      .max(actionLimits.suppressions)
      .superRefine(noTwins),
  });
}

function suppressionSchema({ now, tools }: Known): z.ZodType<Suppression> {
  return z
    .strictObject({
      id: z
        .string()
        .max(64)
        .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "lower-case words joined by `-`"),
      kind,
      tool: z
        .string()
        .min(1)
        .max(limits.toolNameChars)
        .refine((name) => tools?.has(name) !== false, "there is no such tool"),
      in: z.enum(["arguments", "result"]),
      field: z
        .string()
        .max(actionLimits.fieldChars)
        .refine((text) => fieldOf(text) !== undefined, "a JSON pointer like `/rows/*/text`"),
      pattern: z
        .string()
        .min(1)
        .max(actionLimits.patternChars)
        .refine(compiles, "a pattern that RE2 runs: leave out look-around")
        .exactOptional(),
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits, as `sha256sum` prints them")
        .exactOptional(),
      until: z.iso.date().superRefine(soon(now)),
      reason: z.string().min(1).max(limits.reasonChars),
    })
    .refine((one) => one.pattern === undefined || one.sha256 === undefined, {
      path: ["pattern"],
      message: "`pattern` and `sha256` say two things: keep one",
    });
}

function soon(now: number): (until: string, context: z.core.$RefinementCtx<string>) => void {
  return (until, context) => {
    const days = (endOf({ until }) - now) / dayMs;
    if (days <= actionLimits.suppressionDays) return;
    const message = `a suppression lasts at most ${actionLimits.suppressionDays} days`;
    context.addIssue({ code: "custom", message });
  };
}

function noTwins(all: readonly Suppression[], context: z.core.$RefinementCtx<Suppression[]>): void {
  const seen = new Set<string>();
  for (const [index, { id }] of all.entries()) {
    if (seen.has(id)) {
      const message = `\`${id}\` stands twice: give each an id of its own`;
      context.addIssue({ code: "custom", path: [index, "id"], message });
    }
    seen.add(id);
  }
}

function compiles(pattern: string): boolean {
  try {
    RE2JS.compile(pattern);
    return true;
  } catch {
    return false;
  }
}
