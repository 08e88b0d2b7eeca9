import { rules } from "@secretlint/secretlint-rule-preset-recommend";

type Rule = (typeof rules)[number];

/** A rule of secretlint's preset, by the last part of its id. */
export interface PresetRule {
  readonly name: string;
  readonly rule: Rule;
}

/**
 * Rules of the preset that are not run, and why. `filter-comments` lets the text that is looked at
 * switch the rules off. The others are covered by our own patterns: `aws`, `npm` report a span that
 * is too short, `gcp` looks at files, `github` takes a second for a hostile megabyte.
 */
export const leftOut: readonly string[] = ["filter-comments", "aws", "npm", "gcp", "github"];

/**
 * For each rule that is run, a regular expression's source that every text with a match matches.
 * A rule of the preset that stands in neither list fails a test.
 */
export const presetNeeds: Readonly<Record<string, string>> = {
  privatekey: "PRIVATE KEY",
  basicauth: String.raw`:\/\/[^:\/\s]{1,256}:[^@\/\s]{1,256}@`,
  slack: String.raw`xox[bpaor]-|xapp-|[hH][oO][oO][kK][sS]\.[sS]`,
  sendgrid: String.raw`SG\.\w`,
  shopify: "shp(?:pa|ca|at|ss)_",
  stripe: "[sr]k_(?:live|test)_",
  gitlab: "glpat-",
  grafana: "glc_|glsa_",
  openai: "sk-",
  anthropic: "sk-",
  groq: "gsk_",
  huggingface: "hf_",
  linear: "lin_api_",
  notion: "ntn_",
  "1password": "ops_ey",
  "database-connection-string": String.raw`:\/\/[^:\/\s]{1,256}:[^@\/\s]{1,256}@`,
  "hashicorp-vault": String.raw`hv[sbr]\.`,
  vercel: "vc[piark]_",
  databricks: "dapi[A-Fa-f0-9]",
  docker: "dckr_pat_",
  figma: "figd_",
  cloudflare: "cf(?:k|ut|at)_",
  tailscale: "tskey-",
};

/** The rules that are run, in the preset's order. */
export const presetRules: readonly PresetRule[] = rules
  .map((rule) => ({ name: ruleName(rule.meta.id), rule }))
  .filter(({ name }) => !leftOut.includes(name));

/** `stripe` of `@secretlint/secretlint-rule-stripe`. */
export function ruleName(id: string): string {
  return id.replace("@secretlint/secretlint-rule-", "");
}

/** Where the rule matches in `text`. What the rule throws is thrown. */
export async function runPresetRule({ rule }: PresetRule, text: string): Promise<readonly Range[]> {
  const ranges: Range[] = [];
  const context: RuleContext = {
    sharedOptions: {},
    createTranslator: () => (messageId, data) => ({
      message: "",
      messageId: String(messageId),
      data,
    }),
    report: ({ range }) => ranges.push(range),
    ignore: () => undefined,
  };
  await rule.create(context, {}).file?.(sourceOf(text));
  return ranges;
}

/** UTF-16 offsets: from, up to and without. */
export type Range = readonly [start: number, end: number];
type RuleContext = Parameters<Rule["create"]>[0];
type Source = Parameters<NonNullable<ReturnType<Rule["create"]>["file"]>>[0];

function sourceOf(content: string): Source {
  return {
    content,
    contentType: "text",
    ext: ".txt",
    filePath: undefined,
    physicalFilePath: undefined,
    hasBOM: false,
    getFilePath: () => undefined,
    getPhysicalFilePath: () => undefined,
    locationToRange: noPlaces,
    rangeToLocation: noPlaces,
    positionToIndex: noPlaces,
    indexToPosition: noPlaces,
  };
}

function noPlaces(): never {
  throw new Error("a rule asked for lines and columns, which nobody here knows");
}
