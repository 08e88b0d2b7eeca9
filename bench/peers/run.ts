import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { type Matrix, tryAttempts } from "./attempts.ts";
import { measurePeers, type PeerFigures, reference } from "./measure.ts";
import { canary, type Peer } from "./peer.ts";
import { allPeers, missingPeers } from "./peers.ts";
import { comparisonLines } from "./print.ts";

/** One peer beside the others: what it costs, what it holds, and what it does not do. */
export interface Compared extends Omit<Peer, "start"> {
  readonly figures: PeerFigures;
  readonly matrix: Matrix;
}

/**
 * `npm run bench:peers -- [--json] [--only NAME]…`: the same work in Ringward and in others. With
 * `--json` one object on standard output; what is under way on standard error.
 */
const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
  },
});
const missing = missingPeers();
if (missing.length > 0) {
  console.error("Not installed: npm ci --prefix bench/peers brings what this platform can run.");
  console.error(`Left out: ${missing.map((path) => basename(path)).join(", ")}`);
}
const peers = chosen(values.only);
const compared = await compare(peers);
console.log(
  values.json ? JSON.stringify({ peers: compared }) : comparisonLines(compared).join("\n"),
);

/** The bare isolate is always among them: the ratios are made to it. */
function chosen(only: readonly string[]): readonly Peer[] {
  const all = allPeers();
  const names = all.map(({ name }) => name);
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    console.error(`no peer \`${unknown.join("`, `")}\`; there are ${names.join(", ")}`);
    process.exit(2);
  }
  return all.filter(({ name }) => only.length === 0 || only.includes(name) || name === reference);
}

async function compare(all: readonly Peer[]): Promise<readonly Compared[]> {
  const figures = await said("figures", () => measurePeers(all, work()));
  const folder = mkdtempSync(join(tmpdir(), "ringward-peers-"));
  try {
    const file = join(folder, "canary");
    writeFileSync(file, canary.value);
    const compared: Compared[] = [];
    for (const peer of all) {
      const matrix = await said(peer.name, () => tryAttempts(peer, guest("hostile"), file));
      const own = figures.get(peer.name);
      const { start: _, ...about } = peer;
      if (own) compared.push({ ...about, figures: own, matrix });
    }
    return compared;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function said<Result>(name: string, act: () => Promise<Result>): Promise<Result> {
  const startedAt = performance.now();
  process.stderr.write(`${name} …`);
  const result = await act();
  process.stderr.write(` ${((performance.now() - startedAt) / 1_000).toFixed(1)} s\n`);
  return result;
}

/** As a script: some peers know no modules. */
function guest(name: "transform" | "hostile"): string {
  const module = readFileSync(join(import.meta.dirname, "guests", `${name}.js`), "utf8");
  return module.replace("export function", "function");
}

/** About a kilobyte. */
function work(): Parameters<typeof measurePeers>[1] {
  const rows = Array.from({ length: 18 }, (_, at) => ({
    name: `item ${String(at).padStart(2, "0")}`,
    group: ["north", "south", "west"][at % 3] ?? "",
    price: at + 1,
    count: (at * 7) % 5,
  }));
  const answer = {
    totals: { north: 147, south: 0, west: 0 },
    names: rows.map(({ name }) => name.toUpperCase()),
  };
  for (const group of ["north", "south", "west"] as const) {
    const own = rows.filter((row) => row.group === group);
    answer.totals[group] = own.reduce((sum, { price, count }) => sum + price * count, 0);
  }
  return {
    code: guest("transform"),
    input: JSON.stringify({ rows }),
    answer: JSON.stringify(answer),
  };
}
