import type { Database } from "better-sqlite3";
import { joinLabels } from "../../manifests/label.ts";
import { type LabelColumns, labelColumns, labelOf } from "./labels.ts";
import type { Ledger } from "./ledger.ts";
import type { Operations } from "./operations.ts";

/**
 * The same bytes under the same path are as trusted as the last call that wrote them, and as secret
 * as the most secret one.
 */
export function prepareFileWrites(db: Database, ledger: Ledger): Pick<Operations, "recordFile"> {
  const find = db.prepare(
    "SELECT 0 AS integrity, confidentiality FROM files WHERE path = ? AND content = ?",
  );
  const write = db.prepare(
    `INSERT OR REPLACE INTO files (path, content, folder, integrity, confidentiality)
     VALUES (:path, :content, :folder, :integrity, :confidentiality)`,
  );
  const raise = db.prepare(
    `INSERT INTO trees (path, integrity, confidentiality) VALUES (:path, :integrity, :confidentiality)
     ON CONFLICT (path) DO UPDATE SET integrity = max(integrity, excluded.integrity),
       confidentiality = max(confidentiality, excluded.confidentiality)`,
  );
  return {
    recordFile({ call, session, label: own, trees, ...names }, at) {
      const before = find.get(names.path, names.content) as LabelColumns | undefined;
      const label = before === undefined ? own : joinLabels(own, labelOf(before));
      write.run({ ...names, ...labelColumns(label) });
      for (const path of trees) raise.run({ path, ...labelColumns(label) });
      const content = { ...names, trees: [...trees], label: { ...label } };
      ledger.append({ at, kind: "file.write", call, session, content });
    },
  };
}
