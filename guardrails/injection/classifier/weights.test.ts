import { readFileSync } from "node:fs";
import { test } from "tap";
import { Classifier } from "./classifier.ts";
import { hashOf } from "./hashes.ts";
import { weightsFile } from "./shipped-classifier.ts";
import { formatWeights, parseWeights, type Weights } from "./weights.ts";

const some: Weights = {
  words: [{ hash: hashOf("ignore"), sign: 4 }],
  prefixes: [{ hash: hashOf("instruct"), sign: 5 }],
  lightSigns: [0],
  buckets: Int8Array.from({ length: 16 }, (_, at) => at - 8),
  windowWords: 4,
  calibration: { unit: 0.1, bias: 0, floor: -2, ceiling: 8, slope: 1, offset: -1, reasons: 0.5 },
};

test("weights are read as they were written", (t) => {
  t.strictSame(parseWeights("w", formatWeights(some)), some);
  t.end();
});

test("the shipped weights are whole, small, and written as they are read", (t) => {
  const bytes = readFileSync(weightsFile());
  t.ok(bytes.length < 2_000_000);
  const weights = parseWeights("w", bytes);
  t.ok(formatWeights(weights).equals(bytes));
  t.ok(new Classifier(weights).calibration.reasons > 0);
  t.end();
});

test("attack: weights of which a bit was changed, cut off or added are refused", (t) => {
  const bytes = formatWeights(some);
  const refused = { name: "SourceError", message: /^w:1:1: .*not the weights.*npm run train/ };
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    t.throws(() => parseWeights("w", changed), refused);
  }
  for (const other of [
    Buffer.alloc(0),
    bytes.subarray(1),
    bytes.subarray(0, -1),
    Buffer.concat([bytes, bytes]),
  ]) {
    t.throws(() => parseWeights("w", other), refused);
  }
  t.end();
});

test("attack: weights that say of themselves what is not so are refused, though whole", (t) => {
  const refused = { name: "SourceError", message: /not the weights/ };
  for (const wrong of [
    { ...some, windowWords: 0 },
    { ...some, buckets: new Int8Array(15) },
    { ...some, calibration: { ...some.calibration, reasons: -1 } },
  ]) {
    t.throws(() => parseWeights("w", formatWeights(wrong)), refused);
  }
  t.end();
});
