import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import bounds from "./bounds.json" with { type: "json" };
import { type Child, startChild } from "./child.ts";
import type { RunningPeer } from "./peer.ts";

/** Nothing waits between calls; each of them is a process of Deno, killed by us when it is late. */
export async function startDenoProcess(file: string, code: string): Promise<RunningPeer> {
  const folder = await mkdtemp(join(tmpdir(), "ringward-peer-"));
  const program = join(folder, "guest.js");
  await writeFile(program, `${code}\n${tail}`);
  const command = { file, args: [...denoFlags, program], env: { DENO_DIR: folder } };
  const running = new Set<Child>();
  return {
    call: (input) => runOnce(startChild(command), running, input),
    pids: () => [...running].flatMap(({ pid }) => (pid === undefined ? [] : [pid])),
    async stop() {
      for (const child of running) child.kill("SIGKILL");
      await Promise.all([...running].map((child) => once(child, "close")));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Asks nobody, looks for no configuration, says nothing of itself. */
export const denoFlags: readonly string[] = ["run", "--no-prompt", "--no-config", "--quiet"];

const tail = `
const input = await new Response(Deno.stdin.readable).text();
console.log(JSON.stringify(await run(JSON.parse(input))));
`;

async function runOnce(child: Child, running: Set<Child>, input: string): Promise<string> {
  running.add(child);
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, bounds.timeMs);
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const closed = once(child, "close");
  const output = await text(child.stdout);
  await closed;
  clearTimeout(late);
  running.delete(child);
  if (isLate) throw new Error("out of time");
  if (child.exitCode !== 0) throw new Error("the process ended with an error");
  return output.trim();
}
