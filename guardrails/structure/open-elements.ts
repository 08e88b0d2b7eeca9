import type { Token } from "parse5";
import { structureLimits } from "../../manifests/structure-limits.ts";
import { backgroundOf, type Declarations, declarationsOf, hides } from "./css.ts";
import type { PlaceKind } from "./place.ts";
import type { Sheet } from "./sheets.ts";

/** The elements that a text stands in, and what becomes of it there. */
export class OpenElements {
  readonly #sheet: Sheet;
  readonly #open: Element[] = [];

  constructor(sheet: Sheet) {
    this.#sheet = sheet;
  }

  /** Undefined where a reader sees the text. */
  get kind(): PlaceKind | "script" | undefined {
    return this.#open.at(-1)?.kind;
  }

  start(tagName: string, attributes: readonly Token.Attribute[], isClosed: boolean): void {
    if (closing.has(tagName) && this.#open.at(-1)?.tagName === tagName) this.#open.pop();
    if (isClosed || empty.has(tagName) || this.#open.length >= structureLimits.depth) return;
    const { kind, background } = this.#open.at(-1) ?? page;
    const style = this.#styleOf(tagName, attributes);
    this.#open.push({
      tagName,
      kind: kind ?? kindOf(tagName, attributes, hides(style, background)),
      background: backgroundOf(style) ?? background,
    });
  }

  end(tagName: string): void {
    const least = Math.max(0, this.#open.length - structureLimits.closes);
    for (let at = this.#open.length - 1; at >= least; at -= 1) {
      if (this.#open[at]?.tagName !== tagName) continue;
      this.#open.length = at;
      return;
    }
  }

  #styleOf(tagName: string, attributes: readonly Token.Attribute[]): Declarations {
    // Of most elements no sheet says anything, and they say nothing of themselves.
    if (this.#sheet.size === 0 && !attributes.some(({ name }) => name === "style")) return none;
    const value = (name: string): string =>
      attributes.find((one) => one.name === name)?.value ?? "";
    const classes = value("class").toLowerCase().split(/\s+/, structureLimits.classes);
    const rules = [tagName, ...classes.map((name) => `.${name}`), `#${value("id").toLowerCase()}`]
      .map((name) => this.#sheet.get(name))
      .concat(declarationsOf(value("style")));
    const last = rules.findLast((rule) => rule !== undefined && rule.size > 0);
    return rules.filter((rule) => rule?.size).length < 2
      ? (last ?? none)
      : new Map(rules.flatMap((rule) => [...(rule ?? [])]));
  }
}

interface Element {
  readonly tagName: string;
  readonly kind: PlaceKind | "script" | undefined;
  readonly background: string;
}

const page: Omit<Element, "tagName"> = { kind: undefined, background: "#ffffff" };
const none: Declarations = new Map();

function kindOf(
  tagName: string,
  attributes: readonly Token.Attribute[],
  isHidden: boolean,
): Element["kind"] {
  if (tagName === "script" || tagName === "style") return "script";
  if (tagName === "title") return "metadata";
  if (isHidden || unseen.has(tagName)) return "hidden";
  return attributes.some(isHiding) ? "hidden" : undefined;
}

function isHiding({ name, value }: Token.Attribute): boolean {
  return name === "hidden" || (name === "aria-hidden" && value.toLowerCase() === "true");
}

/** Elements that hold text which is not shown. */
const unseen = new Set(["template", "noscript", "noembed", "noframes", "object"]);
/** Elements without an end. */
const empty = new Set(
  "area base br col embed hr img input link meta param source track wbr".split(" "),
);
/** One beside it ends it. */
const closing = new Set(["p", "li", "td", "th", "tr", "dt", "dd", "option"]);
