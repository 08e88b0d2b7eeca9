import { runDemo } from "../demo/run-demo.ts";

/** How often a decision over the demo's calls is found in the cache: few calls, hardly two alike. */
export async function benchDemo(): Promise<{ readonly demoDecisionHitRate: number }> {
  const { decisions } = await runDemo({
    onRow: () => {},
    signal: AbortSignal.timeout(demoMs),
  });
  const { hits, misses } = decisions;
  return { demoDecisionHitRate: hits / (hits + misses) };
}

const demoMs = 120_000;
