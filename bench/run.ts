import { parseArgs } from "node:util";
import { benchAudit } from "./audit.ts";
import { benchDecide } from "./decide.ts";
import { benchHttp } from "./http.ts";
import { benchSpine } from "./spine.ts";

/** `npm run bench [-- --json]`: every figure of one run, ratios where something bare stands beside. */
const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });

const results: Record<string, unknown> = {};
for (const bench of [benchDecide, benchSpine, benchHttp, benchAudit]) {
  process.stderr.write(`${bench.name} …\n`);
  Object.assign(results, await bench());
}
console.log(values.json ? JSON.stringify(results) : JSON.stringify(results, null, 2));
