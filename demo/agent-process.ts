import { spawn } from "node:child_process";
import { once } from "node:events";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Progress } from "../agent/progress.ts";
import type { AgentDocument } from "../agent/settings.ts";

/**
 * Runs the agent as a process of its own, with an empty environment, and tells of each line that it
 * prints. Resolves when it has ended, with its exit code; `signal` ends it at once.
 */
export async function runAgentProcess(
  settings: AgentDocument,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<number> {
  const child = spawn(process.execPath, [agentMain], {
    env: {},
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "close") as Promise<[number | null]>;
  const kill = (): boolean => child.kill("SIGKILL");
  signal.addEventListener("abort", kill);
  try {
    child.stdin.on("error", () => {});
    child.stdin.end(JSON.stringify(settings));
    for await (const line of createInterface({ input: child.stdout })) {
      onProgress(JSON.parse(line) as Progress);
    }
    const [code] = await ended;
    return code ?? 1;
  } finally {
    signal.removeEventListener("abort", kill);
    kill();
  }
}

/** Beside this folder, as source or as it was built. */
const agentMain = join(import.meta.dirname, "..", "agent", `main${extname(import.meta.filename)}`);
