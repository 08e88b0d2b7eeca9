import { execFileSync } from "node:child_process";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Test } from "tap";
import type { Reach } from "../../../demo/deployment.ts";
import type { Places } from "../../../demo/places.ts";
import { privateEngine } from "../engine.ts";
import { testImages } from "../test-images.ts";
import { Composition } from "./composition.ts";
import { makeDeployment } from "./deployment.ts";
import { Neighbours } from "./neighbours.ts";
import { openPassages } from "./passages.ts";
import { ringwardImage } from "./ringward-image.ts";

export interface Scene {
  readonly composition: Composition;
  readonly neighbours: Neighbours;
  /** Of the deployment, on the host. */
  readonly folder: string;
  /** Where tools of the demo may get. */
  readonly places: Reach;
  /** The engine's. */
  readonly socket: string;
}

/**
 * The composition, up and healthy, on an engine that has a network of its own; beside it programs that
 * it should not reach, and the demo's places, that its tools may. Undefined where there is no engine.
 */
export async function setUpScene(t: Test, { corpus, ports }: Places): Promise<Scene | undefined> {
  const engine = await privateEngine(t, { isNetworked: true });
  if (!engine) return undefined;
  const { socket } = engine;
  const [image, images] = await Promise.all([
    ringwardImage(engine),
    testImages(engine, ["shell", "node"]),
  ]);
  const reach = { address: outside, ports };
  const folder = await makeDeployment(t, { images, corpus, reach });
  nameServerAtHost(engine);
  const neighbours = new Neighbours(socket, image);
  await neighbours.addToHost([metadata, outside]);
  await neighbours.start("host", "host");
  await openPassages(t, { neighbours, name: "places", network: "host", ports });
  const group = String(statSync(socket).gid);
  const variables = { RINGWARD_FOLDER: folder, ENGINE_SOCKET: socket, DOCKER_GROUP: group };
  const composition = new Composition(socket, variables);
  await composition.up();
  await neighbours.start("other", "bridge");
  await untilHealthy(composition);
  return { composition, neighbours, folder, places: reach, socket };
}

/** The address at which clouds tell a machine its secrets. */
const metadata = "169.254.169.254";

/** Where the demo's hosts are: an address for examples, that the gateway's network leads to. */
const outside = "203.0.113.1";

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
