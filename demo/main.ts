import { parseArgs } from "node:util";
import { brokenPromises, toJson } from "./rows.ts";
import { runDemo } from "./run-demo.ts";
import { createTable } from "./table.ts";

// Plays the demo: a gateway, a gullible agent as a process of its own, and hostile texts among real
// ones. Exits with 0 only if everything came out as promised.
process.exitCode = await main(process.argv.slice(2));

/** 0 as promised, 1 not, 64 wrong arguments, 130 interrupted. */
async function main(argv: readonly string[]): Promise<number> {
  const wantsJson = readArguments(argv);
  if (wantsJson === undefined) return 64;
  const signal = interruption();
  try {
    return await (wantsJson ? printJson(signal) : printTable(signal));
  } catch (error) {
    if (signal.aborted) return 130;
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function readArguments(argv: readonly string[]): boolean | undefined {
  try {
    const options = { json: { type: "boolean" } } as const;
    return parseArgs({ args: [...argv], options }).values.json === true;
  } catch {
    process.stderr.write("usage: npm run demo [-- --json]\n");
    return undefined;
  }
}

/** Also where nobody reads on. Signals may come twice, from the terminal and from `npm`. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  process.on("SIGINT", abort);
  process.on("SIGTERM", abort);
  process.stdout.on("error", abort);
  return controller.signal;
}

async function printJson(signal: AbortSignal): Promise<number> {
  const outcome = await runDemo({ onRow: () => {}, signal });
  process.stdout.write(`${toJson(outcome)}\n`);
  return brokenPromises(outcome).length === 0 ? 0 : 1;
}

async function printTable(signal: AbortSignal): Promise<number> {
  const table = createTable(process.stdout);
  table.title("An agent that falls for everything it reads, and a gateway that does not mind");
  const outcome = await runDemo({ onRow: table.row, signal });
  const broken = brokenPromises(outcome);
  table.summary(outcome, broken);
  return broken.length === 0 ? 0 : 1;
}
