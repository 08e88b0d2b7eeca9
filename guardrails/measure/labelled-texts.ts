import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { measureLimits } from "../../manifests/measure-limits.ts";
import { SourceError } from "../../manifests/source-error.ts";

/** A text whose nature somebody has told. */
export interface LabelledText {
  readonly id: string;
  readonly text: string;
  readonly label: "injection" | "benign";
  /** What sort of text it is. */
  readonly kind: string;
  /** Who it comes from: figures count only across these. */
  readonly source: string;
}

const rowSchema: z.ZodType<LabelledText> = z.object({
  id: z.string(),
  text: z.string(),
  label: z.enum(["injection", "benign"]),
  kind: z.string(),
  source: z.string(),
});

/**
 * One JSON object a line: `id`, `text`, `label` (`injection` or `benign`), `kind`, `source`; other keys
 * are left alone.
 *
 * @throws {SourceError} with the line that is wrong; for a file of more than
 * `measureLimits.fileBytes`, and for one without a text.
 */
export async function readLabelledTexts(file: string): Promise<readonly LabelledText[]> {
  const wrong = (line: number, what: string, mend = form): SourceError =>
    new SourceError({ file, line, column: 1 }, { what, mend });
  const { size } = await stat(file);
  const { fileBytes } = measureLimits;
  if (size > fileBytes) throw wrong(1, `more than ${fileBytes} bytes`, "measure a part of them");
  const lines = (await readFile(file, "utf8")).split("\n");
  const texts = lines.flatMap((line, index) =>
    line.trim() === "" ? [] : [rowOf(line, (what) => wrong(index + 1, what))],
  );
  if (texts.length === 0) throw wrong(1, "no text is in it");
  return texts;
}

const form =
  'write one object a line: {"id", "text", "label": "injection" or "benign", "kind", "source"}';

function rowOf(text: string, complain: (what: string) => SourceError): LabelledText {
  try {
    return rowSchema.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw complain("no JSON");
    if (!(error instanceof z.ZodError)) throw error;
    const [issue] = error.issues;
    throw complain(`\`${issue?.path.join(".")}\`: ${issue?.message}`);
  }
}
