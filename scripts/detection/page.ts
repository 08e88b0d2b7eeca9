import type { Measured } from "../../guardrails/measure/measure-detector.ts";
import { signatureLimits } from "../../manifests/signature-limits.ts";
import type { PairShare } from "./pairs.ts";
import { metricsTable, pairTable, type Summary, summaryOf, tableOf } from "./tables.ts";

export interface Figures {
  /** Of the shipped weights, on what they were learnt from. */
  readonly learnt: Measured;
  /** Of recorded calls, from which nothing was learnt. */
  readonly traces: Measured;
  readonly pairs: readonly PairShare[];
  /** What disguises do to them. */
  readonly disguised: string;
}

export function pageOf({ learnt, traces, pairs, disguised }: Figures): string {
  return [
    intro(learnt),
    "## Sources that nothing was learnt from\n",
    aboutPairs,
    summaryTable(pairs),
    "\n### Recall of each hostile source, by the harmless families held out with it\n",
    pairTable(pairs, true),
    "\n### False alarms of each harmless source, by the hostile family held out with it\n",
    pairTable(pairs, false),
    "\n## Recorded calls that nothing was learnt from\n",
    aboutTraces,
    metricsTable("benchmark", traces.bySource),
    "\n## The shipped weights on the texts that they were learnt from\n",
    aboutLearnt,
    metricsTable("source", { all: learnt.total, ...learnt.bySource }),
    "\n## By kind\n",
    metricsTable("kind", learnt.byKind),
    disguised,
    limitsOfIt,
  ].join("\n");
}

function intro({ total: { n, hostile } }: Measured): string {
  return `# How well the guards find hostile orders

Made by \`npm run detection\` from ${n} texts (${hostile} hostile) of public benchmarks and repositories. The
texts are not part of this project. Three kinds of evidence become one score: signatures, structure and a
[classifier](model-card.md). From ${signatureLimits.hostileScore} on a text counts as hostile. The same figures of your own texts:
\`ringward eval detect --data FILE\`.

`;
}

const aboutPairs = `What a detector finds in texts like those that it was made from says little. So families of sources were held
out in pairs: one of hostile texts, and those of harmless ones of one sort (what users say to models; results and
descriptions of tools; repositories of security software; other repositories). A family is all that comes from one
hand, such as a repository's documents and commits. Everything was learnt from the rest alone, with what was made for this
project: the weights, how the kinds of evidence are joined, and the threshold (eight false alarms in a thousand
harmless texts of families that were held out inside the rest). Signatures and structure are not learnt; they were
written down from what such orders have in common, and narrowed where they raised false alarms here, so their part
flatters a little.
`;

const talksOfAttacks = /^wildguard|gitleaks|detect-secrets|llm_guard/;

function summaryTable(pairs: readonly PairShare[]): string {
  const share = ({ bySource, byText }: Summary): readonly string[] => [
    bySource.toFixed(3),
    byText.toFixed(3),
  ];
  const named = (isNamed: (share: PairShare) => boolean): readonly string[] =>
    share(summaryOf(pairs, isNamed));
  const isOrdinary = ({ isHostile, source }: PairShare): boolean =>
    !isHostile && !talksOfAttacks.test(source);
  const rows: readonly (readonly string[])[] = [
    ["recall, all hostile sources", ...named(({ isHostile }) => isHostile)],
    ["false alarms, all harmless sources", ...named(({ isHostile }) => !isHostile)],
    [
      "- questions of users, many on attacks and in roles (wildguard)",
      ...named(({ isHostile, source }) => !isHostile && source.startsWith("wildguard")),
    ],
    [
      "- documents on secrets and attacks (gitleaks, detect-secrets), prompts (llm_guard)",
      ...named((one) => !one.isHostile && !isOrdinary(one) && !one.source.startsWith("wildguard")),
    ],
    ["- ordinary documents, commits, code, tool results and descriptions", ...named(isOrdinary)],
  ];
  return tableOf(["over all pairs", "mean of sources", "mean of texts"], rows);
}

const aboutTraces = `Results of recorded calls, as they were and with somebody's orders in them; each text once.
`;

const aboutLearnt = `These figures flatter: the classifier has seen these texts, apart from the \`encoded\` ones, which were made from
the others. In brackets the interval of 95 % (Wilson). A source or kind with hostile texts alone has no false
alarms to count, and the other way round.
`;

const limitsOfIt = `
## What they cannot do

- An order that is worded like any request ("Please schedule an appointment") is one to nobody who does not
  know whose it is. Where a value came from is what [provenance](provenance.md) is for.
- A tool with a harmless description and a harmful purpose reads like any other.
- Other languages than English, German, French, Spanish and Chinese are hardly read, and English best: what the
  classifier learnt in the others was made for this project.
- A text that plays a role with a model, or asks one to, and means no harm can look like one that does.
- What is split over several values, encrypted, or in pictures is not read.
- Whoever knows the guards words an order so that they do not see it. They raise a label and stand in the record;
  they are not the wall.
`;
