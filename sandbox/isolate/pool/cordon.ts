import type { Grant } from "../../../manifests/grant.ts";
import { limits } from "../../../manifests/limits.ts";

/**
 * Who may use a worker together: whoever breaks out of an isolate unnoticed sees what else its
 * worker does, so that must be nothing that the same principal's same tool could not see anyhow.
 */
export interface Cordon {
  /** Calls with different keys never share a worker. */
  readonly key: string;
  readonly principal: string;
  readonly jit: boolean;
  /** Calls that one worker serves: a single one where the agent wrote the code. */
  readonly calls: number;
}

/** @throws {Error} for machine code of an agent, which no manifest may ask for. */
export function cordonOf({
  principal,
  toolPin,
  bundle,
  label,
  limits: tool,
  sandbox,
}: Grant): Cordon {
  const isAgents = sandbox.author === "agent";
  if (isAgents && sandbox.jit) throw new Error("an agent's code was to be compiled");
  const labelClass = [label.integrity, label.confidentiality];
  const bounds = [tool.wallMs, tool.cpuMs, tool.memoryMb, tool.outputKb];
  const parts = [principal, toolPin, bundle, ...labelClass, ...bounds, sandbox.author, sandbox.jit];
  return {
    key: JSON.stringify(parts),
    principal,
    jit: sandbox.jit,
    calls: isAgents ? 1 : limits.callsPerWorker,
  };
}
