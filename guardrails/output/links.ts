import { outputLimits } from "../../manifests/output-limits.ts";
import { addressesIn } from "./addresses.ts";
import { carriesData, isRemote } from "./carries-data.ts";
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
    const kind = work.isLeft ? kindOf(source, use) : kindUnread(source);
    if (kind === undefined) continue;
    const { chars, shown } = defused(source);
    edits.push({ kind, start, end: start + chars, shown });
  }
  return edits;
}

function kindOf(source: string, use: Use): ActiveKind | undefined {
  const written = destinationOf(source);
  if (runs(written, use)) return "active:url";
  const url = written.replace(/[\t\n\r]/g, "").trim();
  // What is cut off may carry anything.
  const isCut = source.length >= outputLimits.urlChars - 1;
  if (!(isCut ? isRemote(url) : carriesData(url, use))) return undefined;
  return use === "loaded" ? "active:exfil-image" : "active:exfil-link";
}

function kindUnread(source: string): ActiveKind | undefined {
  return source === "" || /^(?:#?unsafe:|hxxps?:)/i.test(source) ? undefined : "active:url";
}
