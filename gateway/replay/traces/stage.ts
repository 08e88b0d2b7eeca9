import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CallAnswer } from "../../../manifests/call.ts";
import { canonicalJson } from "../../../manifests/canonical.ts";
import { digestParts } from "../../../manifests/digest.ts";
import type { JsonValue } from "../../../manifests/json.ts";
import { parseSessionRequest } from "../../../manifests/session.ts";
import { tiers } from "../../../manifests/tier.ts";
import type { Config } from "../../config/config.ts";
import { type Gateway, openGateway } from "../../open-gateway.ts";
import type { OpenedSession } from "../../sessions/open-session.ts";
import { manifestNameOf } from "../../tools/import/draft-manifest.ts";
import { readManifests } from "../../tools/load-tools.ts";
import type { Tool } from "../../tools/tool.ts";
import { RecordedSandbox, resultOf } from "./recorded-sandbox.ts";
import type { TracedCall } from "./trace-file.ts";

/** A gateway with all its rings, in which recorded results stand in for running anything. */
export interface Stage {
  /** By the name that a trace has for it, or by what that became when its list was imported. */
  toolOf(name: string): Tool | undefined;
  /** A session of a principal of its own, in which nothing has been read; with a plan where there is one. */
  open(task: string, plan?: readonly string[]): Promise<Scene>;
  close(): Promise<void>;
}

export interface Scene {
  propose(call: TracedCall): Promise<CallAnswer>;
  /** A person says yes to what was asked, and the call is proposed again. */
  approve(call: TracedCall, asked: CallAnswer): Promise<CallAnswer>;
}

/**
 * @param folder holds the manifests of one suite; their code is not needed.
 * @throws {SourceError} for a policy or manifest that is wrong.
 */
export async function openStage(config: Config, folder: string): Promise<Stage> {
  const tools = await readTools(folder);
  const place = await mkdtemp(join(tmpdir(), "ringward-replay-"));
  const sandboxes = new Map(tiers.map((tier) => [tier, new RecordedSandbox(tier)]));
  const { containers: _, ...rest } = config;
  const own = { state: join(place, "state"), workspace: join(place, "workspace") };
  const gateway = await openGateway(
    { ...rest, ...own },
    { writer: "cli", standIns: { tools, sandboxes } },
  );
  let scenes = 0;
  return {
    toolOf: (name) => tools.get(nameIn(tools, name)),
    async open(task, plan) {
      scenes += 1;
      const planned = plan?.map((name) => ({ tool: nameIn(tools, name) }));
      const about = { principal: `replay-${scenes}`, task, ...(planned && { plan: planned }) };
      const request = parseSessionRequest(about);
      const opened = await gateway.openSession(request, "replay");
      return sceneOf(opened, { gateway, tools, sandboxes: [...sandboxes.values()] });
    },
    async close() {
      await gateway.close();
      await rm(place, { recursive: true });
    },
  };
}

async function readTools(folder: string): Promise<ReadonlyMap<string, Tool>> {
  const read = await readManifests({ shipped: [], folders: existsSync(folder) ? [folder] : [] });
  return new Map(
    read.map(({ manifest, checkArguments, checkOutput }) => {
      const pin = digestParts("tool-pin", [canonicalJson(manifest as unknown as JsonValue)]);
      return [manifest.name, { manifest, code: "", pin, checkArguments, checkOutput }];
    }),
  );
}

function nameIn(tools: ReadonlyMap<string, Tool>, name: string): string {
  return tools.has(name) ? name : manifestNameOf(name);
}

interface Behind {
  readonly gateway: Gateway;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly sandboxes: readonly RecordedSandbox[];
}

function sceneOf({ session, token }: OpenedSession, behind: Behind): Scene {
  const { gateway, tools, sandboxes } = behind;
  const propose = async (call: TracedCall, approval?: string): Promise<CallAnswer> => {
    const name = nameIn(tools, call.tool);
    const tool = tools.get(name);
    for (const sandbox of sandboxes) sandbox.next = tool && resultOf(call, tool.manifest);
    const about = { tool: name, arguments: call.arguments };
    const proposal = { ...about, ...(approval !== undefined && { approval }) };
    return await gateway.calls.begin({ bearer: token, session: session.id, proposal }).answer;
  };
  return {
    propose: (call) => propose(call),
    async approve(call, { approval = "" }) {
      const by = { actor: "replay", principal: "person" } as const;
      await gateway.deps.store.approvals.answer(approval, "approved", by);
      return await propose(call, approval);
    },
  };
}
