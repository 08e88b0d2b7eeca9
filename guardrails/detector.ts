import type { Finding } from "../manifests/finding.ts";
import { once } from "../manifests/once.ts";
import { type Views, viewsOf } from "./views/views.ts";

/** Text that detectors read: one leaf of a JSON document, and where it stands. */
export interface Document {
  readonly text: string;
  /** JSON pointer of the leaf. */
  readonly path: string;
  /** The text in each way that it can be read; prepared once, for all detectors. */
  readonly views: () => Views;
}

export function documentOf(text: string, path: string): Document {
  return { text, path, views: once(() => viewsOf(text)) };
}

/** What is known of the session that a text is read for. Data alone: it goes to other threads. */
export interface Context {
  /** Names of the tools that the session sees. */
  readonly tools: readonly string[];
  /** Secrets of the gateway's own, which nobody is ever to be told. */
  readonly held?: readonly string[];
}

export const noContext: Context = { tools: [] };

export const detectorNames = ["secrets", "disguise", "injection", "personal", "active"] as const;
export type DetectorName = (typeof detectorNames)[number];

/**
 * A detector is a pure function of the text, the name of the field that it stands in, and the context:
 * what is the same in all of them may be read once. One that throws is a finding of its own for
 * whoever runs it, never a pass.
 */
export interface Detector {
  readonly id: string;
  detect(document: Document, context: Context): Promise<readonly Finding[]>;
}
