import { rm } from "node:fs/promises";
import { createClient } from "../agent/client.ts";
import { runAgentProcess } from "./agent-process.ts";
import { type Cleanup, createCleanup } from "./cleanup.ts";
import { createDeployment } from "./deployment.ts";
import { startPlaces } from "./places.ts";
import { type PlayOptions, play } from "./play.ts";
import type { Outcome } from "./rows.ts";
import type { Stage } from "./stage.ts";
import { type RunningGateway, startGateway } from "./start-gateway.ts";

export interface DemoOptions extends PlayOptions {
  /** Looks at the deployment when its gateway has closed, before it is removed. */
  readonly inspect?: (folder: string) => Promise<void>;
}

export interface Demo extends Outcome {
  readonly decisions: ReturnType<RunningGateway["decisions"]>;
}

/** Plays the whole demo on loopback and in a temporary folder, and leaves nothing behind. */
export async function runDemo({ inspect, ...options }: DemoOptions): Promise<Demo> {
  const cleanup = createCleanup();
  try {
    const { stage, gateway, folder } = await setUp(cleanup);
    const outcome = await play(stage, options);
    await inspect?.(folder);
    return { ...outcome, decisions: gateway.decisions() };
  } finally {
    await cleanup.run();
  }
}

interface Scene {
  readonly folder: string;
  readonly gateway: RunningGateway;
  readonly stage: Stage;
}

async function setUp(cleanup: Cleanup): Promise<Scene> {
  const places = await startPlaces(cleanup);
  const folder = cleanup.add(await createDeployment(places.corpus, places.ports), (made) =>
    rm(made, { recursive: true, force: true }),
  );
  const gateway = cleanup.add(await startGateway(folder), ({ close }) => close());
  const { agentsUrl, hostKey, standing, approve } = gateway;
  const host = createClient({ baseUrl: agentsUrl, token: hostKey });
  const stage: Stage = {
    ...{ places, agentsUrl, standing, approve, openSession: host.openSession },
    runAgent: runAgentProcess,
    async audit() {
      await gateway.close();
      return await gateway.verify();
    },
  };
  return { folder, gateway, stage };
}
