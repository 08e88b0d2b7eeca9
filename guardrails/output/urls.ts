import { decodeHTML } from "entities";

/** How a viewer comes to ask for a URL: by itself, or when somebody follows it. */
export type Use = "loaded" | "followed";

/** Whether a browser runs what a URL says instead of going there. An image is only drawn. */
export function runs(url: string, use: Use): boolean {
  const cleaned = url.replace(/[\t\n\r]/g, "").replace(controlsInFront, "");
  if (/^(?:javascript|vbscript|livescript|mocha):/i.test(cleaned)) return true;
  return use === "followed" && /^data:[^,]{0,256}(?:html|xml|svg|script)/i.test(cleaned);
}

const controlsInFront = /^[\p{Cc} ]+/u;

/** What a Markdown destination says when escapes and entities are taken off. */
export function destinationOf(markdown: string): string {
  return decodeHTML(markdown.replace(/\\([!-/:-@[-`{-~])/g, "$1"));
}

/**
 * How the first characters of a URL read when no viewer can follow it, and every reader can. What
 * begins without a letter still does: behind a `<` it would become a tag.
 */
export function defused(url: string): { readonly chars: number; readonly shown: string } {
  const [scheme] = /^http(?=s?:)/i.exec(url) ?? [];
  if (scheme !== undefined) return { chars: scheme.length, shown: scheme.replace(/tt/i, "xx") };
  const prefix = /^[a-z]/i.test(url) ? "unsafe:" : "#unsafe:";
  return { chars: 1, shown: `${prefix}${url.slice(0, 1)}` };
}
