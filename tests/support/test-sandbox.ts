import type { Test } from "tap";
import type { ContainerTier } from "../../manifests/tier.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import type { BrokerOptions } from "../../sandbox/broker/door-context.ts";
import { createEgressProxy } from "../../sandbox/broker/proxy/create-egress-proxy.ts";
import { createContainerSandboxes } from "../../sandbox/container/container-sandbox.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import type { TestLauncher } from "./test-launcher.ts";

export interface SandboxChoices {
  readonly tier: ContainerTier;
  /** At once, at most. */
  readonly containers?: number;
  readonly broker?: Partial<BrokerOptions>;
}

/** A container tier over a launcher, without the gateway around it. Each bug of ours is a failure. */
export function openSandbox(
  t: Test,
  { launcher, options }: TestLauncher,
  { tier, containers = 4, broker: choices }: SandboxChoices,
): Sandbox {
  const { workspace, sockets } = options;
  const onBug = (error: unknown): void => void t.fail(String(error));
  const proxy = createEgressProxy({ folder: sockets, onBug });
  const broker = createBroker({ workspace, hosts: {}, protectedPaths: [], ...choices });
  const sandbox = createContainerSandboxes({
    ...{ launcher, proxy, broker, workspace, tiers: [tier], containers },
    prove: () => Promise.reject(new Error("not here")),
    onBug,
  }).get(tier);
  if (!sandbox) throw new Error("no sandbox");
  t.teardown(() => sandbox.close());
  t.teardown(() => proxy.close());
  return sandbox;
}
