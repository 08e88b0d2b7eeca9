import type { Test } from "tap";
import type { Progress } from "../../../agent/progress.ts";
import type { AgentDocument } from "../../../agent/settings.ts";
import type { Places } from "../../../demo/places.ts";
import type { AuditResult, Stage, Standing } from "../../../demo/stage.ts";
import { askGateway, openSession } from "./application.ts";
import { ringwardInside } from "./command-line.ts";
import { openPassages } from "./passages.ts";
import type { Scene } from "./scene.ts";

/** The composition as a stage for the demo: its agent, its people, and a model on the agent's network. */
export function demoStage(t: Test, scene: Scene, places: Places): Stage {
  return {
    ...{ places, agentsUrl: "https://gateway:8700" },
    standing: () => standing(scene),
    openSession: (wish) => openSession(scene, wish),
    async runAgent(settings, onProgress) {
      const reaching = await reachModel(t, scene, settings);
      const input = JSON.stringify(reaching);
      const { code, stdout, stderr } = await scene.composition.run("agent", { input });
      if (code !== 0) throw new Error(stderr + stdout);
      for (const line of stdout.trimEnd().split("\n")) onProgress(JSON.parse(line) as Progress);
      return code;
    },
    async approve(approval) {
      await ringwardInside(scene, ["approvals", "approve", approval]);
    },
    audit: async () => (await ringwardInside(scene, ["audit", "verify"])) as AuditResult,
  };
}

/** Ready is a gateway whose tiers are all offered; else it says what is missing. */
async function standing(scene: Scene): Promise<Standing> {
  const { status, unwalled = [], detail } = (await askGateway(scene, "/readyz")) as Readiness;
  return { unwalled, refused: status === "ready" ? [] : [String(detail)] };
}

interface Readiness {
  readonly status: unknown;
  readonly unwalled?: readonly string[];
  readonly detail?: string;
}

/** As docs/composition.md has it: something on the agent's network that leads to this one address. */
async function reachModel(
  t: Test,
  { neighbours }: Scene,
  settings: AgentDocument,
): Promise<AgentDocument> {
  const url = new URL(settings.model.url);
  const ports = [Number(url.port)];
  await openPassages(t, { neighbours, name: "model", network: "ringward_agents", ports });
  url.hostname = "model";
  return { ...settings, model: { ...settings.model, url: url.href } };
}
