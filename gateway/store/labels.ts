import { confidentialities, integrities, type Label } from "../../manifests/label.ts";

/** A label as it stands in a row: ranks, so that an index finds the highest. */
export interface LabelColumns {
  readonly integrity: number;
  readonly confidentiality: number;
}

export function labelColumns(label: Label): LabelColumns {
  return {
    integrity: integrities.indexOf(label.integrity),
    confidentiality: confidentialities.indexOf(label.confidentiality),
  };
}

/** A rank that nobody can have written counts as the highest. */
export function labelOf(columns: LabelColumns): Label {
  return {
    integrity: integrities[columns.integrity] ?? "untrusted",
    confidentiality: confidentialities[columns.confidentiality] ?? "secret",
  };
}
