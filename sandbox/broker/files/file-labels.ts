import type { Digest } from "../../../manifests/digest.ts";
import type { Label } from "../../../manifests/label.ts";

/** A file that the broker is about to write for a call. */
export interface WrittenFile {
  /** Relative to the workspace. */
  readonly path: string;
  /** SHA-256 of its bytes. */
  readonly content: Digest;
  readonly label: Label;
  readonly call: string;
  readonly session: string;
}

/** What the files of the workspace carry. The broker asks; whoever keeps records knows. */
export interface FileLabels {
  /** The label of these bytes under this path, whoever wrote them. */
  ofFile(path: string, content: Digest): Promise<Label>;
  /** The label of the names and sizes that a folder holds. */
  ofFolder(path: string): Promise<Label>;
  /** The label of all that may be read at a path and beneath it, while calls write there. */
  beneath(path: string): Promise<Label>;
  /** Resolves when it is durable; only then does the file get its name. */
  record(file: WrittenFile): Promise<void>;
}

/** Whoever could write into the workspace may have: an earlier, tainted call among them. */
export const foreignLabel: Label = { integrity: "untrusted", confidentiality: "internal" };

/** Remembers nothing, so it trusts nothing. */
export const noFileLabels: FileLabels = {
  ofFile: () => Promise.resolve(foreignLabel),
  ofFolder: () => Promise.resolve(foreignLabel),
  beneath: () => Promise.resolve(foreignLabel),
  record: () => Promise.resolve(),
};
