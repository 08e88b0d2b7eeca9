import { decodeHTML } from "entities";
import type { ActiveKind, Edit } from "./edit.ts";
import { kindOfTag } from "./kind-of-tag.ts";
import { tagAt } from "./tags.ts";
import type { Work } from "./work.ts";

/**
 * Tags that a browser runs, or by which it loads or sends what nobody asked for, in order. Each `<`
 * is looked at for itself, so nothing that stands around it hides one; what is left of an active tag
 * is text, `&lt;script>`. Where there is more to read than a text is worth, each tag counts.
 */
export function htmlEdits(text: string, work: Work): readonly Edit[] {
  const edits: Edit[] = [];
  for (const { index } of text.matchAll(tagStart)) {
    const kind = kindAt(text, index, work);
    if (kind) edits.push({ kind, start: index, end: index + 1, shown: "&lt;" });
  }
  return edits;
}

const tagStart = /<(?=[a-z]|\?xml-stylesheet)/gi;

function kindAt(text: string, start: number, work: Work): ActiveKind | undefined {
  if (text[start + 1] === "?" || !work.isLeft) return "active:html";
  const tag = tagAt(text, start);
  const content = tag.name === "style" ? styleAfter(text, tag.end) : "";
  work.did(tag.end - start + content.length);
  return kindOfTag(tag, content);
}

/** In a picture it is read as text with entities, in a page as it stands. */
function styleAfter(text: string, start: number): string {
  styleEnd.lastIndex = start;
  const end = styleEnd.exec(text)?.index;
  const style = text.slice(start, end);
  return style.includes("&") ? `${style}\n${decodeHTML(style)}` : style;
}

const styleEnd = /<\/style/gi;
