import { colorOf, isSameColor } from "./colors.ts";

export type Declarations = ReadonlyMap<string, string>;

/** What a `style` attribute, or one rule, says of whether it is seen: property to value, in lower case. */
export function declarationsOf(style: string): Declarations {
  const found = new Map<string, string>();
  const plain = style.toLowerCase().replace(/\/\*[^*]{0,500}\*\//g, "");
  for (const part of plain.split(";")) {
    const colon = part.indexOf(":");
    const property = part.slice(0, Math.max(0, colon)).trim();
    if (!telling.has(property)) continue;
    found.set(
      property,
      part
        .slice(colon + 1)
        .replace("!important", "")
        .trim(),
    );
  }
  return found;
}

/** Whether what is styled so is to be seen by nobody. `behind` is the colour of what lies behind. */
export function hides(style: Declarations, behind: string): boolean {
  return (
    hiding.some(({ property, value }) => value.test(style.get(property) ?? "")) ||
    isTiny(style) ||
    isSameColor(style.get("color"), backgroundOf(style) ?? behind)
  );
}

export function backgroundOf(style: Declarations): string | undefined {
  return colorOf(style.get("background-color") ?? style.get("background"));
}

const zero = /^0+(?:\.0+)?(?:px|pt|em|rem|%)?$/;
const small = /^(?:(?:0+|0*\.0\d*)(?:px|pt|em|rem|%)?|(?:0?\.\d+|1(?:\.\d+)?)(?:px|pt|%))$/;
const faint = /^(?:0?\.0\d*|0+(?:\.0\d*)?|[0-4]%)$/;
const away = /^-\d{3,}|^-\d{2,}(?:em|rem|vw|vh|%)/;

const hiding: readonly { readonly property: string; readonly value: RegExp }[] = [
  { property: "display", value: /^none/ },
  { property: "visibility", value: /^(?:hidden|collapse)/ },
  { property: "content-visibility", value: /^hidden/ },
  { property: "opacity", value: faint },
  { property: "font-size", value: small },
  { property: "color", value: /^transparent|,\s*0(?:\.0+)?\)$|\/\s*0%?\s*\)$/ },
  { property: "-webkit-text-fill-color", value: /^transparent/ },
  { property: "clip", value: /^rect\((?:0|1px)/ },
  { property: "clip-path", value: /^(?:inset\((?:50|100)%|circle\(0)/ },
  { property: "transform", value: /scale[xy]?\(0(?:\.0\d*)?\)|translate[xy]?\(-\d{3,}/ },
  ...["left", "top", "right", "bottom", "text-indent", "margin-left", "margin-top"].map(
    (property) => ({ property, value: away }),
  ),
];

const sides = ["width", "height", "max-width", "max-height"];
const telling: ReadonlySet<string> = new Set([
  ...hiding.map(({ property }) => property),
  ...sides,
  ...["background", "background-color", "overflow"],
]);

/** A box without an inside. */
function isTiny(style: Declarations): boolean {
  if (!/^(?:hidden|clip)/.test(style.get("overflow") ?? "")) return false;
  return sides.some((side) => {
    const value = style.get(side);
    return value !== undefined && (value === "1px" || zero.test(value));
  });
}
