import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type LabelledText, readLabelledTexts } from "../guardrails/measure/labelled-texts.ts";
import { judgeTexts, type Measured, measure } from "../guardrails/measure/measure-detector.ts";
import { signatureLimits } from "../manifests/signature-limits.ts";
import { pageOf } from "./detection/page.ts";
import { judgePairs } from "./detection/pairs.ts";
import { disguisesSection } from "./detection/robustness.ts";
import { textsOfTraces } from "./detection/traces.ts";
import { prepare } from "./training/settings.ts";

const root = join(import.meta.dirname, "..");
const shared = join(root, "../shared/data");
const data = join(shared, "detection/train.jsonl");

/** `npm run detection [-- FILE.jsonl]`: writes `docs/detection.md`; minutes, for it learns each pair anew. */
async function main([file = data]: readonly string[]): Promise<void> {
  const learnt = await measured(await readLabelledTexts(file));
  const traces = await measured(
    ["agentdojo-dev", "injecagent"].flatMap((name) => {
      const path = join(shared, "traces", `${name}.jsonl`);
      return existsSync(path) ? textsOfTraces(path, name) : [];
    }),
  );
  const { examples } = await prepare(file);
  const pairs = judgePairs(examples, ({ hostile, harmless }) => {
    process.stderr.write(`held out: ${hostile}, ${harmless}\n`);
  });
  const disguised = await disguisesSection(await readLabelledTexts(file));
  writeFileSync(join(root, "docs/detection.md"), pageOf({ learnt, traces, pairs, disguised }));
}

async function measured(texts: readonly LabelledText[]): Promise<Measured> {
  const { judged, MBps } = await judgeTexts(texts, () => undefined);
  return measure(judged, signatureLimits.hostileScore, MBps);
}

await main(process.argv.slice(2));
