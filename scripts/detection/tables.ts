import { intervalOf, type Metrics } from "../../guardrails/measure/metrics.ts";
import type { PairShare } from "./pairs.ts";

/** A table of Markdown. */
export function tableOf(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heading, heading.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

export function metricsTable(title: string, groups: Readonly<Record<string, Metrics>>): string {
  const heading = [title, "texts", "recall", "false alarms", "recall at 1 %", "AUROC"];
  const rows = Object.entries(groups).map(([name, metrics]) => [name, ...cellsOf(metrics)]);
  return tableOf(heading, rows);
}

function cellsOf({ n, hostile, recall, fpr, recallAt1pctFpr, auroc }: Metrics): readonly string[] {
  const within = (share: number | undefined, of: number): string => {
    if (share === undefined) return "-";
    const [low, high] = intervalOf(share, of);
    return `${share.toFixed(3)} (${low.toFixed(2)}-${high.toFixed(2)})`;
  };
  const at = (share: number | undefined): string => share?.toFixed(2) ?? "-";
  return [
    `${n}`,
    within(recall, hostile),
    within(fpr, n - hostile),
    at(recallAt1pctFpr),
    at(auroc),
  ];
}

/** A row for each source, a column for each family that it was held out with. */
export function pairTable(shares: readonly PairShare[], isHostile: boolean): string {
  const those = shares.filter((share) => share.isHostile === isHostile);
  const other = ({ pair }: PairShare): string =>
    isHostile ? pair.harmless.join(", ") : pair.hostile;
  const columns = [...new Set(those.map(other))].sort();
  const sources = [...Map.groupBy(those, ({ source }) => source)].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const rows = sources.map(([source, group]) => {
    const cells = columns.map((column) => {
      const passed = group.find((share) => other(share) === column)?.passed;
      return passed?.toFixed(isHostile ? 2 : 3) ?? "-";
    });
    return [source, `${group[0]?.texts}`, ...cells];
  });
  return tableOf(["source", "texts", ...columns], rows);
}

export interface Summary {
  /** The mean over sources, and over all their texts. */
  readonly bySource: number;
  readonly byText: number;
}

/** Over all pairs, of the sources that are named. */
export function summaryOf(
  shares: readonly PairShare[],
  isNamed: (share: PairShare) => boolean,
): Summary {
  const sources = [...Map.groupBy(shares.filter(isNamed), ({ source }) => source).values()];
  const meanOf = (group: readonly PairShare[]): number =>
    group.reduce((sum, { passed }) => sum + passed, 0) / group.length;
  const texts = sources.reduce((sum, group) => sum + (group[0]?.texts ?? 0), 0);
  return {
    bySource: sources.reduce((sum, group) => sum + meanOf(group), 0) / sources.length,
    byText: sources.reduce((sum, group) => sum + meanOf(group) * (group[0]?.texts ?? 0), 0) / texts,
  };
}
