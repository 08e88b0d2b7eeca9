import type { SandboxJob } from "../../sandbox.ts";
import type { Told } from "./talk.ts";

/** What a program is told, as JSON without a line break. */
export function toldText(job: SandboxJob, rest: Omit<Told, "arguments" | "code">): string {
  const { code, input } = job;
  const text = JSON.stringify({ ...rest, ...(code !== "" && { code }) });
  // The arguments are canonical JSON already, without a line break.
  return `${text.slice(0, -1)},"arguments":${input}}`;
}
