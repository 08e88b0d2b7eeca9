import { type Token, Tokenizer, TokenizerMode } from "parse5";
import type { Range } from "../views/view.ts";
import { attributePlaces } from "./attributes.ts";
import { OpenElements } from "./open-elements.ts";
import { holdsWords, type Place, type PlaceKind } from "./place.ts";
import { sheetOf } from "./sheets.ts";

/** A text without its tags and comments, and where the rest of it stands. */
export interface Markup {
  readonly places: readonly Place[];
  /** What a reader sees, part by part; those that begin a line are told. */
  readonly shown: readonly Part[];
  /** What no reader sees, of elements and of comments. */
  readonly hidden: readonly Part[];
}

export interface Part extends Range {
  readonly isNewLine: boolean;
}

/**
 * Reads tags and comments where they stand, in whatever text: parse5's tokens, in one pass, without the
 * tree, which hostile nesting makes slow. Character references are left as they are.
 */
export function readHtml(text: string): Markup {
  const reader = new HtmlReader(text);
  const tokenizer = new Tokenizer({ sourceCodeLocationInfo: true }, reader);
  reader.setMode = (mode) => {
    tokenizer.state = mode;
  };
  passOverText(tokenizer);
  tokenizer.write(text, true);
  return reader;
}

/**
 * What stands between tags is most of a text, and of no interest here: the tokenizer goes on at the
 * next tag instead of letter by letter. Without its states of these names it is only slower.
 */
function passOverText(tokenizer: Tokenizer): void {
  const { preprocessor } = tokenizer;
  for (const name of ["_stateData", "_stateRawtext", "_stateScriptData"] as const) {
    const read = tokenizer[name].bind(tokenizer);
    tokenizer[name] = (code) => {
      if (code === lessThan || code === endOfFile) return read(code);
      const next = preprocessor.html.indexOf("<", preprocessor.pos + 1);
      preprocessor.pos = (next === -1 ? preprocessor.html.length : next) - 1;
    };
  }
}

const [lessThan, endOfFile] = [0x3c, -1];

type Mode = (typeof TokenizerMode)[keyof typeof TokenizerMode];

class HtmlReader implements Markup {
  readonly places: Place[] = [];
  readonly shown: Part[] = [];
  readonly hidden: Part[] = [];
  readonly onParseError = null;
  setMode: (mode: Mode) => void = () => undefined;
  readonly #text: string;
  readonly #open: OpenElements;
  /** Where the last tag or comment ended. */
  #at = 0;
  /** Whether a line began since then, for what is shown, and for what is hidden. */
  readonly #isNewLine = { shown: false, hidden: false };
  /** What is not shown, from where on. */
  #unseen: { readonly kind: PlaceKind; readonly start: number } | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#open = new OpenElements(sheetOf(text));
  }

  onStartTag({ tagName, attrs, location, selfClosing }: Token.TagToken): void {
    if (!location) return;
    this.#readUntil(location.startOffset, location.endOffset);
    const tag = this.#text.slice(location.startOffset, location.endOffset);
    this.places.push(...attributePlaces({ tagName, tag, location }));
    this.#open.start(tagName, attrs, selfClosing);
    this.#changed(tagName, location.startOffset);
    if (tagName === "script") this.setMode(TokenizerMode.SCRIPT_DATA);
    if (tagName === "style") this.setMode(TokenizerMode.RAWTEXT);
  }

  onEndTag({ tagName, location }: Token.TagToken): void {
    if (!location) return;
    this.#readUntil(location.startOffset, location.endOffset);
    this.#open.end(tagName);
    this.#changed(tagName, location.startOffset);
  }

  onComment({ location }: Token.CommentToken): void {
    if (!location) return;
    this.#readUntil(location.startOffset, location.endOffset);
    const { startOffset: start, endOffset: end } = location;
    this.#place("comment", { start: start + commentStart(this.#text, start), end });
  }

  onDoctype({ location }: Token.DoctypeToken): void {
    if (location) this.#readUntil(location.startOffset, location.endOffset);
  }

  onEof(): void {
    this.#readUntil(this.#text.length, this.#text.length);
    if (this.#unseen) this.#place(this.#unseen.kind, { ...this.#unseen, end: this.#text.length });
  }

  onCharacter(): void {}
  onNullCharacter(): void {}
  onWhitespaceCharacter(): void {}

  /** What stands between two tags. */
  #readUntil(end: number, next: number): void {
    const start = this.#at;
    this.#at = next;
    const { kind } = this.#open;
    if (end <= start || kind === "script") return;
    const where = kind === undefined ? "shown" : "hidden";
    this[where].push({ start, end, isNewLine: this.#isNewLine[where] });
    this.#isNewLine[where] = false;
  }

  /** An element began or ended at `at`. */
  #changed(tagName: string, at: number): void {
    if (blocks.has(tagName)) this.#isNewLine.shown = this.#isNewLine.hidden = true;
    const { kind } = this.#open;
    if (kind === this.#unseen?.kind) return;
    if (this.#unseen) this.#place(this.#unseen.kind, { ...this.#unseen, end: at });
    this.#unseen = kind && kind !== "script" ? { kind, start: this.#at } : undefined;
  }

  #place(kind: PlaceKind, range: Range): void {
    // What is not closed ends behind the text.
    const place = { start: range.start, end: Math.min(range.end, this.#text.length) };
    if (holdsWords(this.#text, place)) this.places.push({ kind, ...place });
  }
}

/** `<!--`, or what is taken for a comment: `<?`, `</`, `<!`. */
function commentStart(text: string, at: number): number {
  return text.startsWith("<!--", at) ? 4 : 2;
}

/** Elements that begin a line; any other may stand in the middle of a word. */
const blocks: ReadonlySet<string> = new Set(
  (
    "address article aside blockquote body br button center dd details dialog div dl dt fieldset " +
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hr html iframe input legend li main " +
    "menu meta nav ol option p pre script section select style summary table tbody td textarea tfoot " +
    "th thead title tr ul"
  ).split(" "),
);
