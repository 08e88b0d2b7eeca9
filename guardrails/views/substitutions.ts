import { decodeHTML } from "entities";
import { viewLimits } from "../../manifests/view-limits.ts";
import { assemble, type Piece } from "./pieces.ts";
import type { Decoded, Layer } from "./view.ts";

/** Ways of writing that stand in the middle of plain text, character by character. */
interface Substitution {
  readonly layer: Layer;
  /** Linear: no two parts of it can match the same characters. */
  readonly pattern: RegExp;
  /** Undefined where it means nothing. */
  decode(written: string): string | undefined;
}

const substitutions: readonly Substitution[] = [
  {
    layer: "percent",
    pattern: /(?:%[0-9a-f]{2})+/gi,
    decode: (written) => textOf(Buffer.from(written.replaceAll("%", ""), "hex")),
  },
  {
    layer: "entities",
    pattern: /&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});?/gi,
    decode: (written) => changed(written, decodeHTML(written)),
  },
  {
    layer: "quoted-printable",
    pattern: /=\r?\n|(?:=[0-9a-f]{2})+/gi,
    decode: (written) =>
      written.endsWith("\n") ? "" : textOf(Buffer.from(written.replaceAll("=", ""), "hex")),
  },
  {
    layer: "escapes",
    pattern: /\\(?:u\{[0-9a-f]{1,6}\}|u[0-9a-f]{4}|x[0-9a-f]{2}|[0-7]{3})/gi,
    decode: escaped,
  },
];

/** A necessary condition of all of them, in one pass. */
export const mayBeSubstituted: RegExp = /[%=][0-9a-f]{2}|=\r?\n|&[#a-z]|\\[ux0-7]/i;

/** What the text reads where each is taken off, by itself: wherever it stands, and a little around. */
export function* substituted(text: string): Generator<Decoded> {
  for (const substitution of substitutions) {
    const pieces = [...piecesOf(text, substitution)];
    if (pieces.length === 0) continue;
    const { text: read, original } = assemble(pieces);
    yield { layer: substitution.layer, text: read, place: original };
  }
}

/** Those far from each other stand on lines of their own: what lies between is read elsewhere. */
function* piecesOf(text: string, { pattern, decode }: Substitution): Generator<Piece> {
  const margin = viewLimits.marginChars;
  let at: number | undefined;
  for (const { 0: source, index } of text.matchAll(pattern)) {
    const shown = decode(source);
    if (shown === undefined) continue;
    if (at !== undefined && index - at > margin * 2) {
      yield* [plain(text, at, at + margin), { source: "", shown: "\n", at: at + margin }];
      at = undefined;
    }
    yield* [plain(text, at ?? Math.max(0, index - margin), index), { source, shown, at: index }];
    at = index + source.length;
  }
  if (at !== undefined) yield plain(text, at, at + margin);
}

function plain(text: string, from: number, to: number): Piece {
  const source = text.slice(from, to);
  return { source, shown: source, at: from };
}

function escaped(written: string): string | undefined {
  const isOctal = /^\\[0-7]/.test(written);
  const code = Number.parseInt(written.replace(/[^0-9a-f]/gi, ""), isOctal ? 8 : 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

function changed(written: string, read: string): string | undefined {
  return read === written ? undefined : read;
}

function textOf(bytes: Buffer): string | undefined {
  const text = bytes.toString("utf8");
  return text.includes("\ufffd") ? bytes.toString("latin1") : text;
}
