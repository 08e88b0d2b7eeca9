import { RE2JS } from "re2js";
import { z } from "zod";
import { signatureLimits } from "../../manifests/signature-limits.ts";
import { SourceError, startOf } from "../../manifests/source-error.ts";
import { parseYamlSource } from "../../manifests/yaml-source.ts";

/** One way in which orders to a model are worded. */
export interface Signature {
  /** Stable; the finding is `injection:<id>`. */
  readonly id: string;
  /** What several languages word in their ways counts once. */
  readonly family: string;
  readonly says: string;
  /** Of OWASP's list of risks of applications with language models. */
  readonly owasp: string;
  /** From 0 to 1: how sure it is by itself. */
  readonly score: number;
  /** Groups of words in lower case; one of each stands in whatever the pattern matches. */
  readonly needs: readonly (readonly string[])[];
  /** Characters: no match is longer. */
  readonly reach: number;
  /** RE2: linear in the text. Without case; `^` begins each line. */
  readonly pattern: RE2JS;
  readonly match: readonly string[];
  readonly pass: readonly string[];
}

const texts = z.array(z.string().min(1)).min(1);

const fileSchema = z.strictObject({
  apiVersion: z.literal("ringward/v1"),
  kind: z.literal("Signatures"),
  language: z.string().regex(/^[a-z]{2}$/, "a language of two letters"),
  rules: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[a-z][a-z0-9-]*$/, "lower-case words joined by `-`"),
        says: z.string().min(1),
        owasp: z.string().regex(/^LLM\d{2}$/, "an id like LLM01"),
        score: z.number().min(0.05).max(0.99),
        needs: z.array(texts).min(1).max(4),
        reach: z
          .int()
          .min(16)
          .max(signatureLimits.reachChars)
          .default(signatureLimits.reachChars / 4),
        pattern: z.string().min(1).max(1_000),
        match: texts,
        pass: texts,
      }),
    )
    .min(1),
});

/**
 * Reads one file of signatures. Each has to match its own examples, and nothing that it is to pass.
 *
 * @throws {SourceError} for the first thing that is wrong.
 */
export function parseSignatures(source: {
  readonly file: string;
  readonly text: string;
}): readonly Signature[] {
  const guided = { ...source, guide: "docs/guards.md" };
  const { language, rules } = parseYamlSource(guided, (input) => fileSchema.parse(input));
  return rules.map(({ pattern, ...rule }) => {
    const family = rule.id.replace(new RegExp(`^${language}-`), "");
    const signature = { ...rule, family, pattern: compile(pattern, source.file, rule.id) };
    checkExamples(signature, source.file);
    return signature;
  });
}

function compile(pattern: string, file: string, id: string): RE2JS {
  try {
    return RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE | RE2JS.MULTILINE);
  } catch (cause) {
    const what = `the pattern of \`${id}\` is none that RE2 runs`;
    throw new SourceError(startOf(file), { what, mend: "leave out look-around", cause });
  }
}

function checkExamples({ id, pattern, needs, match, pass }: Signature, file: string): void {
  const complain = (what: string, mend: string): never => {
    throw new SourceError(startOf(file), { what: `\`${id}\` ${what}`, mend });
  };
  for (const text of match) {
    if (!pattern.matcher(text).find()) complain(`does not match "${text}"`, "mend the pattern");
    const small = text.toLowerCase();
    const found = needs.every((group) => group.some((need) => small.includes(need)));
    if (!found) complain(`needs other words than "${text}" has`, "add one to `needs`");
  }
  for (const text of pass) {
    if (pattern.matcher(text).find()) complain(`matches "${text}"`, "narrow the pattern");
  }
  const raised = needs.flat().find((need) => need !== need.toLowerCase());
  if (raised !== undefined) complain(`needs \`${raised}\``, "write `needs` in lower case");
}
