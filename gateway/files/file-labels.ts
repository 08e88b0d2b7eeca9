import { posix } from "node:path";
import { type Confidentiality, cleanLabel, joinLabels, type Label } from "../../manifests/label.ts";
import type { FileLabels } from "../../sandbox/broker/files/file-labels.ts";
import { foldedPath } from "../../sandbox/broker/files/folded-path.ts";
import type { FileStore } from "../store/store.ts";
import { type DeclaredFiles, openDeclared } from "./declared-files.ts";

/**
 * A file that a call wrote carries what that call knew, for as long as it holds what was written.
 * Any other file was written by somebody else: it carries what the owner declares, else it is a
 * stranger's. A path under which a call ever wrote a secret is never less than secret.
 */
export function createFileLabels(store: FileStore, declared: readonly DeclaredFiles[]): FileLabels {
  const declaredFor = openDeclared(declared);
  return {
    async ofFile(path, content) {
      const { written, highest } = await store.find(foldedPath(path), content);
      const { label, atLeast } = declaredFor.at(path);
      return raised(raised(written ?? label, highest), atLeast);
    },
    async ofFolder(path) {
      const highest = await store.highestIn(foldedPath(path));
      const { label, atLeast } = declaredFor.at(path);
      // Any call may have chosen a name in it.
      return raised(raised({ ...label, integrity: "untrusted" }, highest), atLeast);
    },
    async beneath(path) {
      const written = await store.joinOf(foldedPath(path));
      return joinLabels(written, declaredFor.beneath(path));
    },
    record({ path, ...file }) {
      const folded = foldedPath(path);
      const places = { path: folded, folder: posix.dirname(folded), trees: treesOf(folded) };
      return store.record({ ...file, ...places });
    },
  };
}

/** `docs/a`, `docs`, `.`: whoever reads one of them may read the file. */
function treesOf(path: string): readonly string[] {
  const above = posix.dirname(path);
  return path === "." ? [path] : [path, ...treesOf(above)];
}

function raised(label: Label, confidentiality: Confidentiality): Label {
  return joinLabels(label, { ...cleanLabel, confidentiality });
}
