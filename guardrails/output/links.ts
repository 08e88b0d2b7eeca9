import { addressesIn } from "./addresses.ts";
import { carriesData } from "./carries-data.ts";
import { destinationsIn } from "./destinations.ts";
import type { ActiveKind, Edit } from "./edit.ts";
import { defused, destinationOf, runs, type Use } from "./urls.ts";
import type { Work } from "./work.ts";

/**
 * Destinations in Markdown, and addresses that stand for themselves, which run or carry data out, in
 * order. What is left is read and not followed: `hxxps://`, `unsafe:javascript:`.
 */
export function linkEdits(text: string, work: Work): readonly Edit[] {
  const edits: Edit[] = [];
  const all = [...destinationsIn(text, work), ...addressesIn(text, work)];
  // One that is met as both is a picture's.
  const { loaded = [], followed = [] } = Object.groupBy(all, ({ use }) => use);
  for (const { start, source, use } of [...loaded, ...followed]) {
    const kind = work.isLeft ? kindOf(destinationOf(source), use) : kindUnread(source);
    if (kind === undefined) continue;
    const { chars, shown } = defused(source);
    edits.push({ kind, start, end: start + chars, shown });
  }
  return edits;
}

function kindOf(url: string, use: Use): ActiveKind | undefined {
  if (runs(url, use)) return "active:url";
  if (!carriesData(url.replace(/[\t\n\r]/g, "").trim(), use)) return undefined;
  return use === "loaded" ? "active:exfil-image" : "active:exfil-link";
}

function kindUnread(source: string): ActiveKind | undefined {
  return source === "" || /^(?:#?unsafe:|hxxps?:)/i.test(source) ? undefined : "active:url";
}
