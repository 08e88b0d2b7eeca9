import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { type DefaultTreeAdapterTypes, parse, parseFragment } from "parse5";

/** The host of every attacker here. */
export const attacker = "evil.example";

/** What a browser would do with a page but show it: run, send, or ask the attacker's host. */
export function doneBy(html: string): readonly string[] {
  return [
    parse(html),
    parseFragment(html),
    parseFragment(`<svg>${html}`),
    parseFragment(`<math>${html}`),
  ].flatMap((tree) => doneByNode(tree));
}

/** The same of Markdown, in a viewer that lets tags through, and with GitHub's extensions. */
export function doneByMarkdown(markdown: string): readonly string[] {
  return doneBy(rendered(markdown));
}

type HtmlExtension = ReturnType<typeof gfmHtml>;

export function rendered(markdown: string): string {
  return micromark(markdown, {
    allowDangerousHtml: true,
    allowDangerousProtocol: true,
    extensions: [gfm()],
    htmlExtensions: [withoutFilter(gfmHtml())],
  });
}

/** GitHub hides some tags by itself; other viewers do not. */
function withoutFilter(extension: HtmlExtension): HtmlExtension {
  const exit = Object.entries({ ...extension.exit }).filter(([name]) => !/^html/.test(name));
  return { ...extension, exit: Object.fromEntries(exit) };
}

function doneByNode(node: DefaultTreeAdapterTypes.Node): readonly string[] {
  const parent = "content" in node ? node.content : node;
  const children = "childNodes" in parent ? parent.childNodes : [];
  const own = "tagName" in node ? doneByElement(node) : [];
  return [...own, ...children.flatMap(doneByNode)];
}

const pages = [
  "script",
  "iframe",
  "frame",
  "object",
  "embed",
  "applet",
  "base",
  "form",
  "foreignobject",
];

function doneByElement({
  tagName,
  attrs,
  childNodes,
}: DefaultTreeAdapterTypes.Element): readonly string[] {
  const name = tagName.toLowerCase();
  const isPage =
    pages.includes(name) && (attrs.length > 0 || name === "script" || name === "foreignobject");
  const style =
    name === "style"
      ? childNodes.map((child) => ("value" in child ? child.value : "")).join("")
      : "";
  return [
    ...(isPage ? [`<${name}>`] : []),
    ...attrs.flatMap((attribute) => doneByAttribute(attribute, name)),
    ...(reaches(style) ? ["style"] : []),
  ];
}

type Attribute = DefaultTreeAdapterTypes.Element["attrs"][number];

function doneByAttribute({ name, value }: Attribute, tag: string): readonly string[] {
  const lower = name.toLowerCase();
  if (/^(?:on[a-z]+|srcdoc|ping)$/.test(lower)) return [lower];
  if (lower === "http-equiv") return /refresh/i.test(value) ? [lower] : [];
  if (lower === "style") return reaches(value) ? [lower] : [];
  const isLink = lower === "href" && /^(?:a|area)$/.test(tag);
  return urlsOf(lower, value).some((url) => isReached(url, isLink)) ? [`${lower}=${value}`] : [];
}

function urlsOf(name: string, value: string): readonly string[] {
  if (!urlNames.test(name)) return [];
  return /^values$|srcset$/.test(name) ? value.split(/[\s,;]+/) : [value];
}

const urlNames =
  /^(?:href|src|srcset|imagesrcset|poster|background|data|action|formaction|to|from|by|values)$/;

/** A link that takes nothing along is only one. */
function isReached(url: string, isLink: boolean): boolean {
  const { protocol, hostname, search, hash } = parsed(url);
  if (/^(?:javascript|vbscript):/.test(protocol)) return true;
  if (protocol === "data:") return pageInUrl.test(url.trim());
  if (!/^(?:https?|wss?|ftp|file):/.test(protocol) || !`.${hostname}`.endsWith(`.${attacker}`))
    return false;
  return !isLink || hostname !== attacker || search !== "" || hash !== "";
}

const pageInUrl = /^data:(?:text\/html|image\/svg|application\/xhtml|text\/xml)/i;

function parsed(url: string): Pick<URL, "protocol" | "hostname" | "search" | "hash"> {
  return URL.canParse(url, viewer) ? new URL(url, viewer) : new URL(viewer);
}

const viewer = "https://viewer.example/";

/** Style sheets escape with backslashes; a name that is left whole is one that is asked for. */
function reaches(style: string): boolean {
  const plain = style.replace(/\\([0-9a-f]{1,6})\s?/gi, (_, code: string) =>
    String.fromCodePoint(Number.parseInt(code, 16)),
  );
  const loads = /@import|url\(|image-set\(/i.test(plain) && plain.includes(attacker);
  return loads || /expression\s*\(|-moz-binding|behavior\s*:/i.test(plain);
}
