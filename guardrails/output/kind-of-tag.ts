import { decodeHTMLAttribute } from "entities";
import { carriesData, isRemote } from "./carries-data.ts";
import type { ActiveKind } from "./edit.ts";
import type { Attribute, Tag } from "./tags.ts";
import { runs, type Use } from "./urls.ts";

/** What makes a tag active, if anything; `style` is what stands in an element of styles. */
export function kindOfTag({ name, attributes }: Tag, style: string): ActiveKind | undefined {
  const plainName = withoutPrefix(name);
  if (running.has(plainName)) return "active:html";
  const decoded = attributes.map((attribute) => read(plainName, attribute));
  if (embedding.has(plainName) && decoded.length > 0) return "active:html";
  if (decoded.some((attribute) => isActive(attribute)) || runsStyle(style)) return "active:html";
  return kindOfUrls(decoded, style);
}

/** They run whatever they hold; `foreignobject` is how a picture holds a page. */
const running = new Set(["script", "foreignobject", "annotation-xml"]);

/** They show or load a page or a program, and nothing without an attribute. */
const embedding = new Set(
  ["iframe", "frame", "object", "embed", "applet", "portal", "fencedframe", "webview"].concat([
    "base",
    "bgsound",
    "layer",
    "ilayer",
  ]),
);

interface Read extends Attribute {
  readonly tag: string;
}

function read(tag: string, { name, value }: Attribute): Read {
  return { tag, name: withoutPrefix(name), value: decodeHTMLAttribute(value) };
}

/** XML binds prefixes as it likes. */
function withoutPrefix(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

function isActive(attribute: Read): boolean {
  const { tag, name, value } = attribute;
  if (/^on[a-z]{3,}$/.test(name) || acting.has(name)) return true;
  switch (name) {
    case "style":
      return runsStyle(value);
    case "action":
      return tag === "form";
    case "http-equiv":
      return /^\s*(?:refresh|set-cookie)/i.test(value);
    case "rel":
      return tag === "link" && loadsPrograms.test(value);
    default:
      return runsUrl(attribute);
  }
}

function runsUrl({ tag, name, value }: Read): boolean {
  if (changing.has(name)) return value.split(";").some((part) => runs(part, "followed"));
  return urlNames.has(name) && runs(value, useOf(tag, name));
}

/** They say where a form goes, what a frame holds, who is told of a step. */
const acting = new Set(["srcdoc", "ping", "formaction", "shadowrootmode"]);

const loadsPrograms = /(?:^|\s)(?:stylesheet|import|modulepreload|manifest|prerender)(?:\s|$)/i;

/** Where an animation sets an address. */
const changing = new Set(["to", "from", "by", "values"]);

const loading = new Set(["src", "srcset", "imagesrcset", "poster", "background", "data", "lowsrc"]);
const urlNames = new Set([...loading, "href", "action", "code", "codebase", "cite", "dynsrc"]);

function useOf(tag: string, name: string): Use {
  if (name === "href") return hrefLoads.has(tag) ? "loaded" : "followed";
  return loading.has(name) && !embedding.has(tag) ? "loaded" : "followed";
}

/** `use` draws what it names, and an image in a picture is one. */
const hrefLoads = new Set(["link", "image", "feimage"]);

function runsStyle(style: string): boolean {
  const plain = unescaped(style);
  return runningStyle.test(plain) || readsOut.test(plain);
}

const runningStyle = /@import|expression\s*\(|behaviou?r\s*:|-moz-binding|javascript\s*:/i;

/** Rules that ask for something where a field holds something: letter by letter they read it out. */
const readsOut = /\[[^\]]{1,80}=[^\]]{0,80}\][^}]{0,400}url\(\s*["']?(?:https?:)?\/\//i;

/** Without the comments and escapes of CSS. */
function unescaped(style: string): string {
  return style
    .replace(/\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\//g, "")
    .replace(/\\(?:([0-9a-f]{1,6})\s?|([^\n]))/gi, (_, code: string, character: string) =>
      code === undefined
        ? character
        : String.fromCodePoint(Math.min(Number.parseInt(code, 16), 0x10ffff)),
    );
}

function kindOfUrls(attributes: readonly Read[], style: string): ActiveKind | undefined {
  const urls = attributes.flatMap(urlsOf).concat(urlsOfStyle(style));
  const loads = urls.filter(({ use }) => use === "loaded");
  if (loads.some(({ url }) => carriesData(url, "loaded"))) return "active:exfil-image";
  if (loads.some(({ url }) => isRemote(url)) && attributes.some(hides)) return "active:exfil-image";
  const isLink = urls.some(({ url, use }) => use === "followed" && carriesData(url, use));
  return isLink ? "active:exfil-link" : undefined;
}

interface Url {
  readonly url: string;
  readonly use: Use;
}

function urlsOf({ tag, name, value }: Read): readonly Url[] {
  if (name === "style") return urlsOfStyle(value);
  if (!urlNames.has(name)) return [];
  const use = useOf(tag, name);
  const cleaned = value.replace(/[\t\n\r]/g, "").trim();
  if (!name.endsWith("srcset")) return [{ url: cleaned, use }];
  return value.split(/[\s,]+/).map((url) => ({ url, use }));
}

function urlsOfStyle(style: string): readonly Url[] {
  const found = unescaped(style).matchAll(
    /(?:url\(\s*["']?|image-set\(\s*["']|src\(\s*["'])([^"')\s]*)/gi,
  );
  return [...found].map(([, url = ""]) => ({ url, use: "loaded" }));
}

/** A picture that nobody is to see is one that is to be asked for. */
function hides({ name, value }: Read): boolean {
  if (name === "width" || name === "height") return /^\s*[01](?:px)?\s*$/i.test(value);
  if (name === "hidden") return true;
  return (
    name === "style" &&
    /display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])|(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|$)/i.test(
      value,
    )
  );
}
