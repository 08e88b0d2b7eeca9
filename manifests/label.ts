/** Whether what a value says may be acted upon: only what the user or a trusted tool said. */
export const integrities = ["trusted", "untrusted"] as const;
export type Integrity = (typeof integrities)[number];

/** Who may see a value, in rising order. */
export const confidentialities = ["public", "internal", "secret"] as const;
export type Confidentiality = (typeof confidentialities)[number];

export interface Label {
  readonly integrity: Integrity;
  readonly confidentiality: Confidentiality;
}

export const cleanLabel: Label = { integrity: "trusted", confidentiality: "public" };

/** The label of what was made of both: as untrusted as the less trusted, as secret as the more secret. */
export function joinLabels(a: Label, b: Label): Label {
  return {
    integrity: higher(integrities, a.integrity, b.integrity),
    confidentiality: higher(confidentialities, a.confidentiality, b.confidentiality),
  };
}

/** True when `a` lets through no more than `b` does: `joinLabels(a, b)` equals `a`. */
export function isAtLeast(a: Label, b: Label): boolean {
  const joined = joinLabels(a, b);
  return joined.integrity === a.integrity && joined.confidentiality === a.confidentiality;
}

function higher<T>(order: readonly T[], a: T, b: T): T {
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}

/**
 * Where a value came from, weakest last. `derived` is made of several trusted parts; `unknown` was
 * seen nowhere, so the model made it up; `untrusted` was seen only where a stranger could write.
 */
export const sources = ["task", "trusted", "derived", "unknown", "untrusted"] as const;
export type Source = (typeof sources)[number];

export function weaker(a: Source, b: Source): Source {
  return higher(sources, a, b);
}

/** Whether somebody who may give orders stands behind a value of this source. */
export function isEndorsed(source: Source): boolean {
  return source === "task" || source === "trusted" || source === "derived";
}
