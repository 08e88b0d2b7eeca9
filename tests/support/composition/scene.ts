import { execFileSync } from "node:child_process";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Test } from "tap";
import { privateEngine } from "../engine.ts";
import { testImages } from "../test-images.ts";
import { Composition } from "./composition.ts";
import { makeDeployment } from "./deployment.ts";
import { Neighbours } from "./neighbours.ts";
import { ringwardImage } from "./ringward-image.ts";

export interface Scene {
  readonly composition: Composition;
  readonly neighbours: Neighbours;
  /** Of the deployment, on the host. */
  readonly folder: string;
  /** The engine's. */
  readonly socket: string;
}

/**
 * The composition, up and healthy, on an engine that has a network of its own; and beside it programs
 * that it should not reach. Undefined where there is no engine.
 */
export async function setUpScene(t: Test): Promise<Scene | undefined> {
  const engine = await privateEngine(t, { isNetworked: true });
  if (!engine) return undefined;
  const { socket } = engine;
  const image = await ringwardImage(engine);
  const folder = await makeDeployment(t, await testImages(engine, ["shell", "node"]));
  nameServerAtHost(engine);
  const neighbours = new Neighbours(socket, image);
  await neighbours.start("host", "host");
  const group = String(statSync(socket).gid);
  const variables = { RINGWARD_FOLDER: folder, ENGINE_SOCKET: socket, DOCKER_GROUP: group };
  const composition = new Composition(socket, variables);
  await composition.up();
  await neighbours.start("other", "bridge");
  await untilHealthy(composition);
  return { composition, neighbours, folder, socket };
}

/** As on many machines: the one that is asked for names listens on the host's own loopback. */
function nameServerAtHost({ folder, pid }: { folder: string; pid?: number | undefined }): void {
  const file = join(folder, "resolv.conf");
  writeFileSync(file, "nameserver 127.0.0.1\n");
  const inEngine = ["--target", String(pid), "--mount"];
  execFileSync("nsenter", [...inEngine, "mount", "--bind", file, "/etc/resolv.conf"]);
}

async function untilHealthy(composition: Composition): Promise<void> {
  const until = performance.now() + 75_000;
  while ((await composition.inspect("gateway")).State.Health?.Status !== "healthy") {
    if (performance.now() > until) throw new Error(await composition.logs("gateway"));
    await sleep(100);
  }
}
