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
  return {
    recordFile({ call, session, label: own, ...names }, at) {
      const before = find.get(names.path, names.content) as LabelColumns | undefined;
      const label = before === undefined ? own : joinLabels(own, labelOf(before));
      write.run({ ...names, ...labelColumns(label) });
      const content = { ...names, label: { ...label } };
      ledger.append({ at, kind: "file.write", call, session, content });
    },
  };
}
