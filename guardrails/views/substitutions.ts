import { decodeHTML } from "entities";
import { decodeWord, encodedWord } from "../structure/mail.ts";
import type { Rewriting } from "./rewritings.ts";
import type { Change } from "./rewritten.ts";
import type { Layer } from "./view.ts";

/** A way of writing that stands in the middle of plain text, character by character. */
interface Substitution {
  readonly layer: Layer;
  /** Stands in all that is so written. */
  readonly sign: string;
  /** Linear: no two parts of it can match the same characters. */
  readonly pattern: RegExp;
  /** Undefined where it means nothing. */
  decode(written: string): string | undefined;
}

const percent: Substitution = {
  ...{ layer: "percent", sign: "%" },
  pattern: /(?:%[0-9a-f]{2})+/gi,
  decode: (written) => textOf(Buffer.from(written.replaceAll("%", ""), "hex")),
};

const entities: Substitution = {
  ...{ layer: "entities", sign: "&" },
  pattern: /&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});?/gi,
  decode: (written) => changed(written, decodeHTML(written)),
};

const shownByte = "(?:[2-9a-f][0-9a-f]|0[9ad])";

const quotedPrintable: Substitution = {
  ...{ layer: "quoted-printable", sign: "=" },
  // Without characters that nobody shows; `>=18` and `>=20` are numbers.
  pattern: new RegExp(
    `=\\r?\\n|(?<![<>=!])(?:=${shownByte})+|(?:=${shownByte}){2,}|=${shownByte}(?=[a-z])`,
    "gi",
  ),
  decode: (written) =>
    written.endsWith("\n") ? "" : textOf(Buffer.from(written.replaceAll("=", ""), "hex")),
};

const escapes: Substitution = {
  ...{ layer: "escapes", sign: "\\" },
  // One that stands for a space hides something where a word goes on behind it.
  pattern:
    /\\(?:u\{[0-9a-f]{1,6}\}|u[0-9a-f]{4}|x[0-9a-f]{2}|[0-7]{3}|["'/]|[nrt](?=[a-z\\])|\\(?=[nrtux"]))/gi,
  decode: escaped,
};

/** Emphasis of Markdown in the middle of a word, or as strong as it gets; none is beside a slash. */
const emphasis: readonly Substitution[] = [
  {
    sign: "*",
    pattern:
      /(?<=[\p{L}\p{N}])\*{1,3}(?=[\p{L}\p{N}])|(?<![/*])\*\*(?=[^\s*/])|(?<=[^\s*/])\*\*(?![*/])/gu,
  },
  { sign: "~", pattern: /(?<=[\p{L}\p{N}])~{1,3}(?=[\p{L}\p{N}])/gu },
  { sign: "`", pattern: /(?<=[\p{L}\p{N}])`{1,3}(?=[\p{L}\p{N}])/gu },
].map((one) => ({ ...one, layer: "markup", decode: () => "" }));

const mailWords: Substitution = {
  ...{ layer: "markup", sign: "=?" },
  pattern: encodedWord,
  decode: decodeWord,
};

export const substitutions: readonly Rewriting[] = [
  ...[percent, entities, quotedPrintable, escapes, ...emphasis, mailWords].map(rewritingOf),
];

function rewritingOf(substitution: Substitution): Rewriting {
  const { layer, sign } = substitution;
  return {
    layer,
    readings: (text) => (text.includes(sign) ? [[...changesIn(text, substitution)]] : []),
  };
}

function* changesIn(text: string, { pattern, decode }: Substitution): Generator<Change> {
  for (const { 0: source, index: start } of text.matchAll(pattern)) {
    const shown = decode(source);
    if (shown !== undefined) yield { start, end: start + source.length, shown };
  }
}

const controls: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

function escaped(written: string): string | undefined {
  const sign = written.slice(1);
  if (sign.length === 1) return controls[sign.toLowerCase()] ?? sign;
  const isOctal = /^[0-7]/.test(sign);
  const code = Number.parseInt(sign.replace(/[^0-9a-f]/gi, ""), isOctal ? 8 : 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

function changed(written: string, read: string): string | undefined {
  return read === written ? undefined : read;
}

function textOf(bytes: Buffer): string | undefined {
  const text = bytes.toString("utf8");
  return text.includes("\ufffd") ? bytes.toString("latin1") : text;
}
