import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { containerLimits } from "../manifests/container-limits.ts";
import type { Grant } from "../manifests/grant.ts";
import { noPermissions } from "../manifests/permissions.ts";
import { type ContainerTier, containerTiers } from "../manifests/tier.ts";
import { createBroker } from "../sandbox/broker/create-broker.ts";
import { createEgressProxy } from "../sandbox/broker/proxy/create-egress-proxy.ts";
import { createContainerSandboxes } from "../sandbox/container/container-sandbox.ts";
import { buildImage } from "../sandbox/container/images/build-image.ts";
import { loadImage } from "../sandbox/container/images/load-image.ts";
import { recipes } from "../sandbox/container/images/recipes.ts";
import type { Launchable } from "../sandbox/container/launchable.ts";
import type { LauncherOptions } from "../sandbox/container/launcher/serve-launcher.ts";
import { connectLauncher } from "../sandbox/container/link/connect-launcher.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { ContainerEngine } from "../scripts/engine/container-engine.ts";
import { newEngineFolder } from "../scripts/engine/lend-engine.ts";
import { withServer } from "./server-process.ts";

export interface ContainerTiers {
  /** Of the engine: its containers' processes name it. */
  readonly folder: string;
  readonly sandboxes: ReadonlyMap<ContainerTier, Sandbox>;
}

/** Why there is nothing to measure here; undefined where there is. */
export const lack: () => string | undefined = ContainerEngine.lack;

/** The container tiers alone, without store, policy and door, on an engine of the bench's own. */
export async function withContainerTiers<Result>(
  use: (tiers: ContainerTiers) => Promise<Result>,
): Promise<Result> {
  const engine = new ContainerEngine(newEngineFolder(tmpdir()));
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "ringward-bench-")));
  try {
    await engine.start();
    const options = await optionsFor(engine, folder);
    return await withServer<object, Result>("container-launcher.ts", async (server) => {
      await server.ask(JSON.stringify(options));
      return await withSandboxes(options, (sandboxes) => use({ folder: engine.folder, sandboxes }));
    });
  } finally {
    await engine.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function withSandboxes<Result>(
  { socket, workspace, sockets }: LauncherOptions,
  use: (sandboxes: ReadonlyMap<ContainerTier, Sandbox>) => Promise<Result>,
): Promise<Result> {
  const launcher = connectLauncher(socket, report);
  const { runtimes } = await launcher.facts();
  const sandboxes = createContainerSandboxes({
    ...{ launcher, workspace, containers: containerLimits.containers },
    tiers: containerTiers.filter((tier) => runtimes.some((one) => one.tier === tier)),
    proxy: createEgressProxy({ folder: sockets, onBug: report }),
    broker: createBroker({ workspace, hosts: {}, protectedPaths: [] }),
    prove: () => Promise.reject(new Error("nothing is proved here")),
    onBug: report,
  });
  try {
    return await use(sandboxes);
  } finally {
    await Promise.all([...sandboxes.values()].map((sandbox) => sandbox.close()));
    await launcher.close();
  }
}

async function optionsFor(engine: ContainerEngine, folder: string): Promise<LauncherOptions> {
  for (const name of ["workspace", "out", "packages"]) mkdirSync(join(folder, name));
  const { execPath: node, version: nodeVersion } = process;
  const cache = join(folder, "packages");
  const built = await buildImage(recipes.shell, { cache, node, nodeVersion });
  const image = await loadImage(engine.socket, built);
  return {
    ...{ engine: engine.socket, instance: folder, protectedPaths: [] },
    ...{ workspace: join(folder, "workspace"), sockets: join(folder, "out") },
    socket: join(folder, "link", "launcher.sock"),
    launchables: Object.values(tools).map((tool) => ({ ...common, image, ...tool })),
  };
}

const common = {
  ...{ tiers: containerTiers, memoryMb: 64, cpuMs: 5_000, reads: [] },
  ...{ isNetworked: false, lifecycle: "call" as const },
};

/** The least that a program can do; and the shipped program of `shell.run`. */
const tools: Readonly<Record<ToolName, Pick<Launchable, "tool" | "pin" | "command">>> = {
  least: {
    tool: "bench.least",
    pin: "1".repeat(64),
    command: [
      ...["/bin/sh", "-c"],
      `read -r told; nonce=\${told#*'"nonce":"'}; echo "{\\"nonce\\":\\"\${nonce%%'"'*}\\",\\"output\\":3}"`,
    ],
  },
  shell: { tool: "bench.shell", pin: "2".repeat(64), command: ["/ringward/run", "shell"] },
};

export type ToolName = "least" | "shell";

export interface ContainerCall {
  readonly tool: ToolName;
  readonly principal: string;
}

/** Resolves with the output, JSON; rejects where the call fails. */
export async function runInContainer(
  sandbox: Sandbox,
  { tool, principal }: ContainerCall,
): Promise<string> {
  const grant: Grant = {
    ...{ id: "grant", call: "call", session: "session", principal, tool: tools[tool].tool },
    ...{ toolPin: tools[tool].pin, arguments: "", policyInput: "", bundle: "", secrets: [] },
    permissions: noPermissions,
    sandbox: { tier: sandbox.tier, author: "operator", jit: false },
    limits: { wallMs: 20_000, cpuMs: 5_000, memoryMb: 64, outputKb: 16 },
    label: { integrity: "trusted", confidentiality: "public" },
    ...{ issuedAt: 0, expiresAt: 0, seed: "00".repeat(16) },
  };
  const input = JSON.stringify({ command: "true" });
  const result = await sandbox.run({ grant, code: "", input }, new AbortController().signal);
  if (result.kind === "failed") throw new Error(`${result.code}: ${result.detail}`);
  return result.output;
}

function report(error: unknown): never {
  throw error;
}
