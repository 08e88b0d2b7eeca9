import { type Declarations, declarationsOf } from "./css.ts";

/** Rules for one tag, class or id each (`p`, `.note`, `#top`), as the text's own sheets have them. */
export type Sheet = ReadonlyMap<string, Declarations>;

/** The sheets in a text of HTML. What selects by more than a name is left out. */
export function sheetOf(text: string): Sheet {
  const sheet = new Map<string, Map<string, string>>();
  for (const css of sheetsIn(text)) {
    for (const rule of css.split("}")) addRule(sheet, rule);
  }
  return sheet;
}

function* sheetsIn(text: string): Generator<string> {
  const opening = /<style\b/gi;
  while (opening.test(text)) {
    const start = text.indexOf(">", opening.lastIndex) + 1;
    const end = start === 0 ? -1 : text.indexOf("</", start);
    if (end === -1) return;
    yield text.slice(start, end);
    opening.lastIndex = end;
  }
}

function addRule(sheet: Map<string, Map<string, string>>, rule: string): void {
  const brace = rule.lastIndexOf("{");
  const declarations = brace === -1 ? [] : [...declarationsOf(rule.slice(brace + 1))];
  if (declarations.length === 0) return;
  const selectors = rule.slice(rule.lastIndexOf("{", brace - 1) + 1, brace).toLowerCase();
  for (const selector of selectors.split(",")) {
    const name = selector.trim();
    if (!/^[.#]?[\w-]+$/.test(name)) continue;
    const known = sheet.get(name) ?? new Map<string, string>();
    for (const [property, value] of declarations) known.set(property, value);
    sheet.set(name, known);
  }
}
