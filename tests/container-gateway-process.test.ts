// The real programs: a launcher that holds the engine's socket, and a gateway that does not.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Test, test } from "tap";
import { busyboxImage } from "./support/busybox-image.ts";
import { ringward, startRingward } from "./support/command-line.ts";
import { imagesText, toolsFolder } from "./support/container-gateway.ts";
import { engineFor } from "./support/engine.ts";

const text = (engine: string): string => `apiVersion: ringward/v1
kind: Deployment
manifests: [./tools]
containers:
  engine: ${engine}
  launcher: ./link/launcher.sock
  sockets: ./out
  images: ./images.json
  tiers: [container]
`;

test("in production a launcher runs on its own, and `call` goes through it", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const folder = toolsFolder(t, { "sh.run": {} });
  for (const name of ["workspace", "out"]) mkdirSync(join(folder, name));
  const shell = await busyboxImage(engine);
  writeFileSync(join(folder, "images.json"), imagesText({ shell }));
  // The gateway is told of another engine, and so has none but by its launcher.
  writeFileSync(join(folder, "ringward.yaml"), text("/nowhere/docker.sock"));
  writeFileSync(join(folder, "launcher.yaml"), text(engine.socket));
  const args = ["call", "sh.run", "--args", '{"command":"id -u"}', "--json"];

  const before = await ringward(args, { folder });
  t.match(JSON.parse(before.stdout), { status: "refused", code: "ENGINE_UNAVAILABLE" });
  const stop = await startLauncher(t, folder);
  const after = await ringward(args, { folder });
  t.match(JSON.parse(after.stdout), { status: "completed", output: "65532 ", tier: "container" });
  t.equal(after.stderr, "");
  t.match(await ringward(["audit", "verify"], { folder }), { code: 0 });
  t.equal(await stop(), 0);
});

/** Resolves when it serves, with what ends it. */
async function startLauncher(t: Test, folder: string): Promise<() => Promise<number | null>> {
  const child = startRingward(["launcher", "--config", "launcher.yaml"], { folder });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const stop = (): Promise<number | null> => {
    child.kill("SIGTERM");
    return ended;
  };
  t.teardown(stop);
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith("tools")) return stop;
  }
  throw new Error("the launcher has ended");
}
