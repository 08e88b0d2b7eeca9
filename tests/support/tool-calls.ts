import type { Test } from "tap";
import { loadTools } from "../../gateway/tools/load-tools.ts";
import type { Tool } from "../../gateway/tools/tool.ts";
import type { JsonObject } from "../../manifests/json.ts";
import type { ToolLimits } from "../../manifests/manifest.ts";
import type { FsPermission } from "../../manifests/permissions.ts";
import type { ContainerTier } from "../../manifests/tier.ts";
import type { Launchable } from "../../sandbox/container/launchable.ts";
import type { SandboxResult } from "../../sandbox/sandbox.ts";
import { inContainer } from "../container-calls-fixtures.ts";
import type { TestEngine } from "./engine.ts";
import { testImages } from "./test-images.ts";
import { testLauncher } from "./test-launcher.ts";
import { openSandbox } from "./test-sandbox.ts";

export interface ToolCalls {
  readonly workspace: string;
  /** One call of a shipped tool, in its own image. */
  run(tool: string, args: JsonObject, limits?: Partial<ToolLimits>): Promise<SandboxResult>;
}

/** Shipped tools of a container tier, without the gateway around them. */
export async function openToolCalls(
  t: Test,
  engine: TestEngine,
  tier: ContainerTier,
): Promise<ToolCalls> {
  const tools = await shippedTools(engine);
  const launchables = [...tools.values()].map(launchableOf);
  const image = launchables[0]?.image ?? "";
  const launcher = await testLauncher(t, { engine: engine.socket, image, launchables });
  const { workspace } = launcher.options;
  const sandbox = openSandbox(t, launcher, { tier, containers: 2 });
  return {
    workspace,
    run(name, args, limits = {}) {
      const tool = tools.get(name) as Tool;
      const { manifest, code } = tool;
      const grant = inContainer({
        toolPin: tool.pin,
        sandbox: { ...manifest.sandbox, tier },
        limits: { ...manifest.limits, ...limits },
        permissions: { net: [], fs: manifest.permissions.fs.map((one) => resolved(one, args)) },
      });
      const job = { grant, code, input: JSON.stringify(args) };
      return sandbox.run(job, new AbortController().signal);
    },
  };
}

async function shippedTools(engine: TestEngine): Promise<ReadonlyMap<string, Tool>> {
  const images = new Map(Object.entries(await testImages(engine)));
  const shipped = ["shell.run", "node.run", "python.run", "git.log", "js.run"];
  const tools = await loadTools({ shipped, folders: [], images });
  const node = images.get("node") ?? "";
  return new Map([...tools].map(([name, tool]) => [name, { image: node, ...tool }]));
}

function launchableOf({ manifest, pin, image = "" }: Tool): Launchable {
  const { name, run, limits, permissions } = manifest;
  return {
    pin,
    tool: name,
    image,
    command: "image" in run ? run.command : ["/ringward/run"],
    tiers: ["container", "gvisor"],
    memoryMb: "image" in run ? limits.memoryMb : 128,
    cpuMs: limits.cpuMs,
    reads: permissions.fs.map((one) => ({ ...one, path: "." })),
    isNetworked: false,
    lifecycle: "call",
  };
}

function resolved(permission: FsPermission, args: JsonObject): FsPermission {
  const path = permission.path.replace(/\{\{args\.(\w+)\}\}/, (_, name) => String(args[name]));
  return { ...permission, path };
}
