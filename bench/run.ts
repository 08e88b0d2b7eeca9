import { parseArgs } from "node:util";
import { benchAudit } from "./audit.ts";
import { benchDecide } from "./decide.ts";
import { benchDemo } from "./demo.ts";
import { benchHttp } from "./http.ts";
import { benchIsolate } from "./isolate.ts";
import { benchSpine } from "./spine.ts";

/** `npm run bench [-- --json]`: every figure of one run, ratios where something bare stands beside. */
const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });

const results: Record<string, unknown> = {};
for (const bench of [benchDecide, benchDemo, benchSpine, benchSandbox, benchHttp, benchAudit]) {
  process.stderr.write(`${bench.name} …\n`);
  Object.assign(results, await bench());
}
console.log(values.json ? JSON.stringify(results) : JSON.stringify(results, null, 2));

/** The tier alone, without store, policy and door. */
async function benchSandbox(): Promise<{ readonly sandbox: unknown }> {
  return { sandbox: await benchIsolate() };
}
