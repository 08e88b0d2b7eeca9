import { z } from "zod";
import {
  cleanLabel,
  confidentialities,
  integrities,
  joinLabels,
  type Label,
} from "../../manifests/label.ts";
import { limits } from "../../manifests/limits.ts";
import { pathWithin } from "../../manifests/permissions.ts";
import { foreignLabel } from "../../sandbox/broker/files/file-labels.ts";
import { foldedPath } from "../../sandbox/broker/files/folded-path.ts";

/** What the owner says of a file or folder of the workspace, and of all beneath it. */
export interface DeclaredFiles extends Label {
  readonly path: string;
}

export const declaredFilesSchema: z.ZodType<readonly DeclaredFiles[]> = z
  .array(
    z.strictObject({
      path: z.string().max(limits.pathChars).refine(isPlain, "a plain path beneath the workspace"),
      integrity: z.enum(integrities).default(foreignLabel.integrity),
      confidentiality: z.enum(confidentialities).default(foreignLabel.confidentiality),
    }),
  )
  .max(limits.declaredFiles)
  .refine(isUnique, "a path stands twice");

function isPlain(path: string): boolean {
  return path === "." || path.split("/").every((name) => !["", ".", ".."].includes(name));
}

function isUnique(declared: readonly DeclaredFiles[]): boolean {
  return new Set(declared.map(({ path }) => path)).size === declared.length;
}

/**
 * What is declared of one path; the nearest declaration decides alone. Trust asks for the very
 * name; a secret is one under every name that a file system might take for it.
 */
export function openDeclared(declared: readonly DeclaredFiles[]): Declarations {
  const exact = nearestFirst(declared);
  const folded = nearestFirst(declared.map((one) => ({ ...one, path: foldedPath(one.path) })));
  const at: Declarations["at"] = (path) => ({
    label: exact(path) ?? foreignLabel,
    atLeast: folded(foldedPath(path))?.confidentiality ?? "public",
  });
  return {
    at,
    beneath(path) {
      const { label, atLeast } = at(path);
      const all = declared.filter((one) => pathWithin(foldedPath(one.path), foldedPath(path)));
      return all.reduce(joinLabels, joinLabels(label, { ...cleanLabel, confidentiality: atLeast }));
    },
  };
}

export interface Declarations {
  at(path: string): Declared;
  /** The join of what is declared of a path and of all beneath it. */
  beneath(path: string): Label;
}

export interface Declared {
  readonly label: Label;
  /** Whoever wrote the file, and whatever it is called. */
  readonly atLeast: Label["confidentiality"];
}

function nearestFirst(
  declared: readonly DeclaredFiles[],
): (path: string) => DeclaredFiles | undefined {
  const sorted = declared.toSorted((a, b) => b.path.length - a.path.length);
  return (path) => sorted.find((one) => pathWithin(path, one.path));
}
