import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { once } from "../../../manifests/once.ts";
import { Classifier } from "./classifier.ts";
import { parseWeights } from "./weights.ts";

/**
 * That of the package, read once, when it is needed first.
 *
 * @throws {SourceError} where its weights are damaged.
 */
export const shippedClassifier: () => Classifier = once(() => {
  const file = weightsFile();
  return new Classifier(parseWeights(file, readFileSync(file)));
});

/** The weights stand beside the sources, in the package too, where what was built lies in a folder more. */
export function weightsFile(): string {
  const beside = join(import.meta.dirname, "weights.bin");
  if (existsSync(beside)) return beside;
  return join(import.meta.dirname, "../../../../guardrails/injection/classifier/weights.bin");
}
