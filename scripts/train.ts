import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatWeights } from "../guardrails/injection/classifier/weights.ts";
import { trainAndCalibrate } from "./training/hold-out.ts";
import { prepare, settings } from "./training/settings.ts";
import { weightsOf } from "./training/shrink.ts";

const data = join(import.meta.dirname, "../../shared/data/detection/train.jsonl");

/** `npm run train [-- FILE.jsonl]`: learns the classifier's weights, the same ones each time. */
async function main([file = data]: readonly string[]): Promise<void> {
  const { vocabulary, examples } = await prepare(file);
  const trained = trainAndCalibrate(examples, settings);
  const bytes = formatWeights(weightsOf(trained, vocabulary));
  const path = "guardrails/injection/classifier/weights.bin";
  writeFileSync(join(import.meta.dirname, "..", path), bytes);
  process.stdout.write(`${path}: ${bytes.length} bytes, from ${examples.length} examples\n`);
}

await main(process.argv.slice(2));
