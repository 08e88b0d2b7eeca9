import type { Database } from "better-sqlite3";
import type { Digest } from "../../manifests/digest.ts";
import { type Confidentiality, cleanLabel, joinLabels, type Label } from "../../manifests/label.ts";
import { type LabelColumns, labelOf } from "./labels.ts";
import type { KnownFile } from "./store.ts";

export interface FileReads {
  find(path: Digest, content: Digest): KnownFile;
  highestIn(folder: Digest): Confidentiality;
  joinOf(tree: Digest): Label;
}

export function prepareFileReads(db: Database): FileReads {
  const find = db.prepare(
    "SELECT integrity, confidentiality FROM files WHERE path = ? AND content = ?",
  );
  const ofPath = db.prepare("SELECT max(confidentiality) FROM files WHERE path = ?").pluck();
  const ofFolder = db.prepare("SELECT max(confidentiality) FROM files WHERE folder = ?").pluck();
  // The row without a name is for what may lie anywhere.
  const ofTree = db.prepare("SELECT integrity, confidentiality FROM trees WHERE path IN (?, '')");
  return {
    find(path, content) {
      const row = find.get(path, content) as LabelColumns | undefined;
      return { highest: nameOf(ofPath.get(path)), ...(row && { written: labelOf(row) }) };
    },
    highestIn: (folder) => nameOf(ofFolder.get(folder)),
    joinOf(tree) {
      const rows = ofTree.all(tree) as readonly LabelColumns[];
      return rows.map(labelOf).reduce(joinLabels, cleanLabel);
    },
  };
}

/** Of nothing at all: public. */
function nameOf(rank: unknown): Confidentiality {
  if (rank === null) return cleanLabel.confidentiality;
  return labelOf({ integrity: 0, confidentiality: Number(rank) }).confidentiality;
}
