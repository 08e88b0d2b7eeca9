import { logitOf } from "../../guardrails/injection/classifier/logits.ts";
import type { VocabularyParts } from "../../guardrails/injection/classifier/vocabulary.ts";
import type { Weights } from "../../guardrails/injection/classifier/weights.ts";
import { signatureLimits } from "../../manifests/signature-limits.ts";
import { ceiling, floor } from "./calibrate.ts";
import type { Trained } from "./hold-out.ts";
import { settings } from "./settings.ts";

/** Weights of 8 bits. The offset is such that the threshold of hostile texts is where the limits have it. */
export function weightsOf({ model, joint, threshold }: Trained, parts: VocabularyParts): Weights {
  const highest = model.weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const unit = highest / 127;
  const offset = joint.offset - threshold + logitOf(signatureLimits.hostileScore);
  return {
    ...parts,
    buckets: Int8Array.from(model.weights, (weight) => Math.round(weight / unit)),
    windowWords: settings.windowWords,
    calibration: {
      ...{ unit, bias: model.bias, floor, ceiling },
      ...{ slope: joint.slope, offset, reasons: joint.reasons },
    },
  };
}
