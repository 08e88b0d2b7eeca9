import type { Range } from "../views/view.ts";
import { type CodeSpans, codeSpansIn } from "./code-spans.ts";

/**
 * Where a Markdown text shows code, in order: fenced blocks that begin a line, and spans within a
 * line. A viewer shows it as it is, so nothing in it is active. Only what every viewer takes for code
 * counts: where the text is built so that some may see it otherwise, nothing after that does, and
 * nothing in a page of HTML.
 */
export function codeIn(text: string): readonly Range[] {
  if (!/`|~~~/.test(text) || page.test(text)) return [];
  const reader = new Reader();
  for (const { 0: line, index } of text.matchAll(/[^\r\n]*(?:\r\n|[\r\n]|$)/g)) {
    if (!reader.read(line.replace(/[\r\n]+$/, ""), index)) break;
  }
  return reader.all(text.length);
}

/** Or one that begins with data for a program, which may hold what looks like a fence. */
const page = /^\ufeff|^\s*<(?:!doctype|html|head|body|svg|\?xml)|^---[ \t]*[\r\n]/i;

/** At the first column a fence ends whatever list or quote there was. */
const fence = /^(?:(`{3,})[^`]*|(~{3,}).*)$/;
/** In a list, in a quote, or a little to the right. */
const innerFence = /^[ \t]*(?:(?:[-*+>]|\d{1,9}[.)])[ \t]*)*(?:`{3}|~{3})/;
const shifted = /^( {1,3})(?:`{3}|~{3})/;
const item = /^(?:[-*+]|(\d{1,9})[.)])( {1,4})(?! )./;
const rule = /^(?:[-*_][ \t]*){3,}$/;
/** These may hold whole paragraphs, and what looks like a fence in them is none. */
const holding = /<(?:pre|script|style|textarea)\b|<!--(?!.*-->)|<\?|<![a-z[]|\$\$/i;
/** These go on until a blank line. */
const goingOn = /^ {0,3}<[a-z/!]|\]:/i;

class Reader {
  readonly #code: Range[] = [];
  #fence: { readonly mark: string; readonly start: number } | undefined;
  #isStopped = false;
  /** A tag or a definition, in which nothing is a fence. */
  #goesOn = false;
  /** Whether each line of this paragraph has ended its own spans. */
  #hasSpans = true;
  /** By how much the lines of a list's item are indented. */
  #width = 0;
  #afterBlank = true;

  /** False where nothing that follows is surely code. */
  read(line: string, start: number): boolean {
    if (this.#fence) this.#readCode(line, start);
    else if (fence.test(line)) this.#open(line, start);
    else if (line.trim() === "") this.#endParagraph();
    else this.#readText(line, start);
    return !this.#isStopped;
  }

  all(end: number): readonly Range[] {
    return this.#fence ? [...this.#code, { start: this.#fence.start, end }] : this.#code;
  }

  #readCode(line: string, start: number): void {
    const { mark, start: from } = this.#fence ?? { mark: "", start };
    const [, closing = ""] = /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(line) ?? [];
    if (!closing.startsWith(mark)) return;
    this.#code.push({ start: from, end: start + line.length });
    this.#fence = undefined;
    this.#endParagraph();
  }

  #open(line: string, start: number): void {
    this.#isStopped = this.#goesOn;
    const [, ticks, tildes] = fence.exec(line) ?? [];
    if (!this.#goesOn) this.#fence = { mark: ticks ?? tildes ?? "", start };
    this.#width = 0;
  }

  #endParagraph(): void {
    this.#goesOn = false;
    this.#hasSpans = true;
    this.#afterBlank = true;
  }

  #readText(line: string, start: number): void {
    const { spans, rest, isWhole } = this.#hasSpans ? codeSpansIn(line) : unread(line);
    const isFence = innerFence.test(line);
    this.#isStopped = holding.test(rest) || (isFence && this.#isDoubtful(line));
    this.#follow(line);
    this.#goesOn ||= goingOn.test(rest);
    this.#hasSpans = isWhole && !isFence;
    this.#afterBlank = false;
    if (this.#isStopped || this.#goesOn) return;
    for (const { start: from, end } of spans)
      this.#code.push({ start: start + from, end: start + end });
  }

  /** Whether what looks like a fence may be one that is in nothing else. */
  #isDoubtful(line: string): boolean {
    const indent = shifted.exec(line)?.[1]?.length ?? 0;
    return this.#goesOn || (indent > 0 && (this.#width === 0 || indent < this.#width));
  }

  /** Whether the lines that follow are an item's, if they are indented enough. */
  #follow(line: string): void {
    const [marker = "", number] = item.exec(line) ?? [];
    const begins =
      this.#afterBlank || this.#width > 0 || number === undefined || Number(number) === 1;
    if (marker !== "" && begins && !rule.test(line)) this.#width = marker.length - 1;
    else if (!line.startsWith(" ".repeat(Math.max(1, this.#width)))) this.#width = 0;
  }
}

function unread(line: string): CodeSpans {
  return { spans: [], rest: line, isWhole: false };
}
