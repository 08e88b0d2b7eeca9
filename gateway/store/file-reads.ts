import type { Database } from "better-sqlite3";
import type { Digest } from "../../manifests/digest.ts";
import { type Confidentiality, cleanLabel } from "../../manifests/label.ts";
import { type LabelColumns, labelOf } from "./labels.ts";
import type { KnownFile } from "./store.ts";

export interface FileReads {
  find(path: Digest, content: Digest): KnownFile;
  highestIn(folder: Digest): Confidentiality;
}

export function prepareFileReads(db: Database): FileReads {
  const find = db.prepare(
    "SELECT integrity, confidentiality FROM files WHERE path = ? AND content = ?",
  );
  const ofPath = db.prepare("SELECT max(confidentiality) FROM files WHERE path = ?").pluck();
  const ofFolder = db.prepare("SELECT max(confidentiality) FROM files WHERE folder = ?").pluck();
  return {
    find(path, content) {
      const row = find.get(path, content) as LabelColumns | undefined;
      return { highest: nameOf(ofPath.get(path)), ...(row && { written: labelOf(row) }) };
    },
    highestIn: (folder) => nameOf(ofFolder.get(folder)),
  };
}

/** Of nothing at all: public. */
function nameOf(rank: unknown): Confidentiality {
  if (rank === null) return cleanLabel.confidentiality;
  return labelOf({ integrity: 0, confidentiality: Number(rank) }).confidentiality;
}
