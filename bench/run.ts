import { parseArgs } from "node:util";
import { benchAudit } from "./audit.ts";
import { benchContainers } from "./containers.ts";
import { benchDecide } from "./decide.ts";
import { benchDemo } from "./demo.ts";
import { benchEgress } from "./egress.ts";
import { benchEventLoop } from "./event-loop.ts";
import { benchHttp } from "./http.ts";
import { benchIsolate } from "./isolate.ts";
import { figureLines } from "./print.ts";
import { benchProvenance } from "./provenance.ts";
import { benchRefill } from "./refill.ts";
import { benchScan } from "./scan.ts";
import { benchSpine } from "./spine.ts";
import { benchSustained } from "./sustained.ts";
import { benchWorkerMemory } from "./worker-memory.ts";

/**
 * `npm run bench -- [--json] [--only NAME]…`: every figure of one run, ratios where something bare
 * stands beside. With `--json` one object on standard output; what is under way on standard error.
 */
const parts: Readonly<Record<string, () => Promise<object>>> = {
  decide: benchDecide,
  demo: benchDemo,
  provenance: () => Promise.resolve(benchProvenance()),
  scan: benchScan,
  spine: benchSpine,
  sandbox: benchSandbox,
  http: benchHttp,
  audit: benchAudit,
  sustained: benchSustained,
  refill: benchRefill,
  memory: benchWorkerMemory,
  loop: benchEventLoop,
  egress: benchEgress,
  containers: benchContainers,
};

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
  },
});

const results: object = {};
for (const [name, bench] of chosen(values.only)) {
  process.stderr.write(`${name} …`);
  const startedAt = performance.now();
  const figures = await bench();
  process.stderr.write(` ${((performance.now() - startedAt) / 1_000).toFixed(1)} s\n`);
  if (!values.json) console.log(figureLines(figures).join("\n"));
  Object.assign(results, figures);
}
if (values.json) console.log(JSON.stringify(results));

function chosen(only: readonly string[]): readonly [string, () => Promise<object>][] {
  const unknown = only.filter((name) => !(name in parts));
  if (unknown.length > 0) {
    console.error(
      `no part \`${unknown.join("`, `")}\`; there are ${Object.keys(parts).join(", ")}`,
    );
    process.exit(2);
  }
  return Object.entries(parts).filter(([name]) => only.length === 0 || only.includes(name));
}

/** The tier alone, without store, policy and door. */
async function benchSandbox(): Promise<{ readonly sandbox: unknown }> {
  return { sandbox: await benchIsolate() };
}
