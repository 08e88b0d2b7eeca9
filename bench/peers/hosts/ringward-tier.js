// The isolate tier of Ringward without its gateway: `node ringward-tier.js operator|agent`.

import { openTier, runOnTier } from "../../tier-calls.ts";
import bounds from "../bounds.json" with { type: "json" };
import { serveLines } from "./lines.js";

const author = process.argv[2];
const { timeMs, memoryMb } = bounds;
const limits = { wallMs: 2 * timeMs, cpuMs: timeMs, memoryMb, outputKb: 16 };

serveLines(async (guest) => {
  const sandbox = await openTier();
  const code = `var tool = (() => { ${guest}; return { run }; })();`;
  return (input) => runOnTier(sandbox, { author, code, input, limits });
});
