import { outputLimits } from "../../manifests/output-limits.ts";
import { addressAt, type Destination } from "./addresses.ts";
import type { Use } from "./urls.ts";
import type { Work } from "./work.ts";

/**
 * What stands behind `](`, `]:` and the `<` of a link in Markdown. In doubt it is a picture's: a
 * viewer asks for those by itself.
 */
export function destinationsIn(text: string, work: Work): readonly Destination[] {
  if (!/\][(:]|<[a-z]+[a-z0-9+.-]*:/i.test(text)) return [];
  const brackets = new Brackets(text, work);
  for (const token of text.matchAll(bracket)) brackets.read(token[0], token.index);
  return brackets.all();
}

const bracket = /\\[^\n]|!\[|[[\]]|\n[ \t]*(?=\r?\n)|<(?=[a-z]+[a-z0-9+.-]*:)/gi;

interface Definition {
  readonly label: string;
  readonly at: number;
}

interface Opened {
  readonly at: number;
  readonly isImage: boolean;
}

class Brackets {
  readonly #text: string;
  readonly #work: Work;
  readonly #found: Destination[] = [];
  readonly #definitions: Definition[] = [];
  /** Labels that pictures name. */
  readonly #pictured: Set<string> = new Set();
  /** Those that are open in this paragraph. */
  #open: Opened[] = [];
  /** Pictures of this paragraph whose address was not met. */
  #images = 0;

  constructor(text: string, work: Work) {
    this.#text = text;
    this.#work = work;
  }

  read(token: string, at: number): void {
    if (token === "]") this.#close(at);
    else if (token.endsWith("[") && !token.startsWith("\\")) this.#push(at + token.length, token);
    else if (token === "<") this.#found.push(this.#destination(at + 1, "followed"));
    else if (token.startsWith("\n")) {
      this.#open = [];
      this.#images = 0;
    }
  }

  all(): readonly Destination[] {
    const defined = this.#definitions.map(({ label, at }) =>
      this.#destination(at, this.#pictured.has(label) ? "loaded" : "followed"),
    );
    return [...this.#found, ...defined];
  }

  #push(at: number, token: string): void {
    const isImage = token === "![";
    this.#open.push({ at, isImage });
    if (isImage) this.#images += 1;
  }

  #close(at: number): void {
    const opened = this.#open.pop();
    const label = this.#text.slice(opened?.at ?? at, at);
    const next = this.#text[at + 1];
    if (next === ":") this.#definitions.push({ label: comparable(label), at: at + 2 });
    if (next === "(") {
      this.#found.push(this.#destination(at + 2, this.#images > 0 ? "loaded" : "followed"));
    }
    if (!opened?.isImage) return;
    // One that ends without an address may have ended elsewhere: what follows is still taken for its.
    if (next === "(") this.#images -= 1;
    this.#pictured.add(comparable(label));
    if (next === "[") this.#pictured.add(comparable(this.#labelAt(at + 2)));
  }

  #labelAt(at: number): string {
    const part = this.#text.slice(at, at + outputLimits.labelChars);
    return part.slice(0, Math.max(0, part.indexOf("]")));
  }

  #destination(at: number, use: Use): Destination {
    spaces.lastIndex = at;
    const start = at + (spaces.exec(this.#text)?.[0].length ?? 0);
    const source = this.#work.isLeft
      ? addressAt(this.#text, start)
      : this.#text.slice(start, start + markChars);
    this.#work.did(start - at + source.length + 1);
    const inside = source.startsWith("<") ? 1 : 0;
    return { start: start + inside, source: source.slice(inside), use };
  }
}

/** Enough to tell that somebody was there already: `#unsafe:`. */
const markChars = 8;

const spaces = /[\t\n\r ]*/y;

/** Renderers fold case and space of a label, each in its way. */
function comparable(label: string): string {
  const part = label.slice(0, outputLimits.labelChars).normalize("NFKC").toLowerCase();
  return part.replace(/[^\p{L}\p{N}]/gu, "");
}
