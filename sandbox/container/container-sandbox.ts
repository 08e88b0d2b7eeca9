import { cleanLabel } from "../../manifests/label.ts";
import type { ContainerTier } from "../../manifests/tier.ts";
import type { Broker } from "../broker/broker.ts";
import type { EgressProxy } from "../broker/proxy/egress-proxy.ts";
import type { Readiness, Sandbox, SandboxFailure } from "../sandbox.ts";
import { groundOf } from "./call/ground.ts";
import { type CallDeps, runCall } from "./call/run-call.ts";
import type { Launcher } from "./link/launcher.ts";
import { ContainerPool } from "./pool/container-pool.ts";
import { startStanding } from "./pool/standing.ts";
import { type ServeDeps, serveCall } from "./service/serve-call.ts";
import { Services } from "./service/services.ts";

export interface ContainerOptions {
  readonly tiers: readonly ContainerTier[];
  /** Whoever made it closes it. */
  readonly launcher: Launcher;
  readonly broker: Broker;
  /** The way out of each container that has one. */
  readonly proxy: EgressProxy;
  /** Absolute path of the only folder whose files tools may see. */
  readonly workspace: string;
  /** Of all tiers together, at most. */
  readonly containers: number;
  /** Starts containers of the tier and measures their walls. */
  readonly prove: (tier: ContainerTier) => Promise<Readiness>;
  /** Told of what was thrown at a service and is no refusal. */
  readonly onBug: (error: unknown) => void;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

/** A sandbox for each tier, over one launcher and one number of containers. */
export function createContainerSandboxes(
  options: ContainerOptions,
): ReadonlyMap<ContainerTier, Sandbox> {
  const { launcher, proxy, workspace, containers, onBug, now = () => performance.now() } = options;
  const parts = {
    ...{ launcher, proxy },
    groundOf: (mounts: readonly string[]) => groundOf(workspace, mounts),
  };
  const pool = new ContainerPool({
    containers,
    now,
    start: (cordon, signal) => startStanding(cordon, parts, signal),
  });
  const services = new Services({ ...parts, onBug, now });
  const deps = { ...options, pool, services, now };
  return new Map(options.tiers.map((tier) => [tier, sandboxOf(tier, deps)]));
}

function sandboxOf(tier: ContainerTier, deps: ContainerOptions & CallDeps & ServeDeps): Sandbox {
  return {
    tier,
    async run(job, signal) {
      if (job.grant.sandbox.tier !== tier) throw new Error(`a call of another tier than ${tier}`);
      if (job.recording) return notAgain();
      const run = job.grant.sandbox.lifecycle === "service" ? serveCall : runCall;
      return await run(job, signal, deps);
    },
    probe: () => deps.prove(tier),
    // Whose calls will come nobody knows, and a container is somebody's from its start.
    warm: () => Promise.resolve(),
    async close() {
      await Promise.all([deps.pool.close(), deps.services.close()]);
    },
  };
}

/** No recording says what a program of its own did: there is nothing to run again. */
function notAgain(): SandboxFailure {
  return {
    ...{ kind: "failed", code: "SANDBOX_UNAVAILABLE" },
    detail: "calls in containers keep no recording and are not run again",
    ...{ usage: { wallMs: 0, cpuMs: 0, outputBytes: 0 }, requests: [], log: "", read: cleanLabel },
  };
}
