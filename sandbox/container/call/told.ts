import type { SandboxJob } from "../../sandbox.ts";
import type { Told } from "./talk.ts";

/** What a program is told, as its line. */
export function toldLine(job: SandboxJob, rest: Omit<Told, "arguments" | "code">): Buffer {
  const { code, input } = job;
  const text = JSON.stringify({ ...rest, ...(code !== "" && { code }) });
  // The arguments are canonical JSON already, without a line break.
  return Buffer.from(`${text.slice(0, -1)},"arguments":${input}}\n`);
}
