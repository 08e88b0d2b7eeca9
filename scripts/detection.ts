import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readLabelledTexts } from "../guardrails/measure/labelled-texts.ts";
import { judgeTexts, measure } from "../guardrails/measure/measure-detector.ts";
import { intervalOf, type Metrics } from "../guardrails/measure/metrics.ts";
import { signatureLimits } from "../manifests/signature-limits.ts";

/** `npm run detection -- FILE.jsonl`: writes `docs/detection.md` out of what the guards say of a file. */
async function main([file]: readonly string[]): Promise<void> {
  if (file === undefined) throw new Error("npm run detection -- FILE.jsonl");
  const { judged, MBps } = await judgeTexts(await readLabelledTexts(file), () => undefined);
  const { total, bySource, byKind } = measure(judged, signatureLimits.hostileScore, MBps);
  const page = [
    intro(total),
    tableOf("source", { all: total, ...bySource }),
    "\n## By kind\n",
    tableOf("kind", byKind),
    limitsOfIt,
  ];
  writeFileSync(join(import.meta.dirname, "..", "docs", "detection.md"), page.join("\n"));
}

function intro({ n, hostile }: Metrics): string {
  return `# How well the guards find hostile orders

Made by \`npm run detection\` from ${n} texts (${hostile} hostile) of public benchmarks and repositories, at the
threshold ${signatureLimits.hostileScore}, at which the label of a result falls. The texts are not part of this
project. Nothing was trained on them; the signatures were written down from what such orders have in
common, and then read against these texts once, after which some were narrowed. So these figures flatter a
little; on texts of sources that nobody here has seen they will be lower.

In brackets the interval of 95 % (Wilson). A source or kind with hostile texts alone has no false alarms
to count, and the other way round. The same figures of your own texts: \`ringward eval detect --data FILE\`.

## By source
`;
}

const limitsOfIt = `
## What they cannot do

- An order that is worded like any request ("Please schedule an appointment") is one to nobody who does not
  know whose it is. Where a value came from is what [provenance](provenance.md) is for.
- Other languages than English, German, French, Spanish and Chinese are not read.
- Letters that look like others (homoglyphs), letters replaced by digits, ROT13 and reversed text are not
  undone. What is encoded in the [eight ways](guards.md) that are read is.
- Whoever knows the signatures words an order so that none matches. They raise a label and stand in the record;
  they are not the wall.
`;

function tableOf(title: string, groups: Readonly<Record<string, Metrics>>): string {
  const rows = Object.entries(groups).map(([name, metrics]) => rowOf(name, metrics));
  const heading = `| ${title} | texts | recall | false alarms | recall at 1 % | AUROC |`;
  return [heading, "| --- | --- | --- | --- | --- | --- |", ...rows].join("\n");
}

function rowOf(name: string, { n, hostile, recall, fpr, recallAt1pctFpr, auroc }: Metrics): string {
  const within = (share: number | undefined, of: number): string => {
    if (share === undefined) return "-";
    const [low, high] = intervalOf(share, of);
    return `${share.toFixed(3)} (${low.toFixed(2)}-${high.toFixed(2)})`;
  };
  const at = (share: number | undefined): string => share?.toFixed(2) ?? "-";
  const cells = [within(recall, hostile), within(fpr, n - hostile), at(recallAt1pctFpr), at(auroc)];
  return `| ${name} | ${n} | ${cells.join(" | ")} |`;
}

await main(process.argv.slice(2));
