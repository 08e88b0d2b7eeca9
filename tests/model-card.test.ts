import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { root, textOf } from "./support/source-files.ts";

const card = textOf("docs/model-card.md");
const digestOf = (file: string): string =>
  createHash("sha256").update(readFileSync(file)).digest("hex");

test("the model card states the digest of the shipped weights", (t) => {
  const weights = "guardrails/injection/classifier/weights.bin";
  const row = card.split("\n").find((line) => line.includes(weights));
  t.match(row, digestOf(join(root, weights)), "train again, or mend the card");
  t.end();
});

const data = join(root, "../shared/data/detection/train.jsonl");
if (existsSync(data)) {
  test("the model card states the digest of the data that the weights were made from", (t) => {
    const row = card.split("\n").find((line) => line.includes("detection/train.jsonl"));
    t.match(row, digestOf(data));
    t.end();
  });
} else {
  process.stdout.write("# left out: the data of the classifier is not here\n");
}
