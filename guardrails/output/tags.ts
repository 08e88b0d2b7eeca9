/** An HTML tag as a browser reads one that begins at `start`. */
export interface Tag {
  readonly start: number;
  /** Behind `>`, or where the text ends. */
  readonly end: number;
  /** In lower case. */
  readonly name: string;
  readonly attributes: readonly Attribute[];
}

export interface Attribute {
  readonly name: string;
  /** As it is written: entities are not decoded. */
  readonly value: string;
}

/**
 * The tag that begins at a `<` before a letter. Whatever stands around it, comment, other tag or
 * quotes, a parser that takes this for a tag reads it so.
 */
export function tagAt(text: string, start: number): Tag {
  const name = matchAt(tagName, text, start + 1);
  const attributes: Attribute[] = [];
  let at = start + 1 + name.length;
  for (;;) {
    at += matchAt(between, text, at).length;
    if (at >= text.length || text[at] === ">") break;
    const attribute = attributeAt(text, at);
    attributes.push({ name: attribute.name, value: attribute.value });
    at = attribute.end;
  }
  return { start, end: Math.min(at + 1, text.length), name: name.toLowerCase(), attributes };
}

const tagName = /[^\t\n\f\r />]*/y;
const between = /[\t\n\f\r /]*/y;
/** An attribute's name may begin with `=`. */
const attributeName = /=?[^\t\n\f\r />=]*/y;
const equals = /[\t\n\f\r ]*=[\t\n\f\r ]*/y;
const plainValue = /[^\t\n\f\r >]*/y;

function attributeAt(text: string, at: number): Attribute & { readonly end: number } {
  const name = matchAt(attributeName, text, at);
  const sign = matchAt(equals, text, at + name.length);
  const value = at + name.length + sign.length;
  const lower = name.toLowerCase();
  if (sign === "") return { name: lower, value: "", end: at + name.length };
  const quote = text[value];
  if (quote !== '"' && quote !== "'") {
    const plain = matchAt(plainValue, text, value);
    return { name: lower, value: plain, end: value + plain.length };
  }
  const close = text.indexOf(quote, value + 1);
  const end = close === -1 ? text.length : close;
  return { name: lower, value: text.slice(value + 1, end), end: Math.min(end + 1, text.length) };
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}
