import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Test, test } from "tap";
import { containerLimits } from "../../../manifests/container-limits.ts";
import type { Launchable } from "../launchable.ts";
import { Connection } from "../link/connection.ts";
import type { Frame } from "../link/frame.ts";
import { parseLauncherWord } from "../link/words.ts";
import { ContainerLife } from "./container-life.ts";
import { EngineFault, type EngineImage } from "./engine.ts";
import { serveLink } from "./serve-link.ts";
import { engineOf } from "./testing.ts";
import type { Yard } from "./yard.ts";

const ids = ["1", "2"].map((digit) => `sha256:${digit.repeat(64)}`);

function imageOf(id: string): EngineImage {
  return { id, env: [], volumes: [], digests: [] };
}

/** Of two tools; whatever else is asked of it fails. */
function yardOf(image: (pin: string) => Promise<EngineImage | undefined>): Yard {
  const facts = async () => ({
    ...{ version: "20", kernel: "6", cgroup: "1", runcVersion: "1.1.5" },
    runtimes: ["runc", "io.containerd.runc.v2", "other"],
  });
  const launchables = new Map(ids.map((id) => [id, { image: id } as Launchable]));
  const engine = engineOf({ facts, image });
  return { engine, ground: { launchables }, note: () => undefined } as unknown as Yard;
}

/** A gateway's end of a connection that is served. */
async function connected(t: Test, yard: Yard): Promise<Socket> {
  const folder = mkdtempSync(join(tmpdir(), "ringward-serve-"));
  const server = createServer((socket) => void serveLink(socket, yard));
  const path = join(folder, "l.sock");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const socket = connect(path);
  t.teardown(() => {
    socket.destroy();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return socket;
}

async function ask(t: Test, yard: Yard): Promise<unknown> {
  const answer = Promise.withResolvers<unknown>();
  const socket = await connected(t, yard);
  const hear = ({ bytes }: Frame): void => answer.resolve(parseLauncherWord(bytes));
  const connection = new Connection(socket, hear, answer.reject);
  connection.say({ word: "facts" });
  return await answer.promise;
}

test("a gateway that asks nothing is not waited for without end", async (t) => {
  t.intercept(containerLimits, "containerStartMs", { value: 20 as never });
  const socket = await connected(
    t,
    yardOf(async () => undefined),
  );
  await new Promise((resolve) => socket.once("close", resolve).resume());
});

test("facts are of the tiers and the images that are there", async (t) => {
  const facts = await ask(
    t,
    yardOf(async (pin) => (pin === ids[0] ? imageOf(pin) : undefined)),
  );
  t.match(facts, { word: "facts", engine: "20", kernel: "6", cgroup: "1", images: [ids[0]] });
  t.match(facts, { runtimes: [{ tier: "container", name: "runc", version: "1.1.5" }] });
  t.equal((facts as { runtimes: unknown[] }).runtimes.length, 1);
});

test("an image that is another one is none; an engine that fails has no facts", async (t) => {
  const other = imageOf(`sha256:${"3".repeat(64)}`);
  t.match(
    await ask(
      t,
      yardOf(async () => other),
    ),
    { images: [] },
  );
  const fault = new EngineFault(new Error("socket hang up"));
  const refused = { word: "refused", code: "ENGINE_UNAVAILABLE" };
  t.match(
    await ask(
      t,
      yardOf(() => Promise.reject(fault)),
    ),
    refused,
  );
});

test("a version is told of runc alone", async (t) => {
  const yard = yardOf(async () => undefined);
  const facts = await yard.engine.facts();
  Object.assign(yard.engine, { facts: async () => ({ ...facts, runtimes: ["runc", "runsc"] }) });
  const { runtimes } = (await ask(t, yard)) as { runtimes: object[] };
  t.strictSame(
    runtimes.map((one) => ({ ...one })),
    [
      { tier: "container", name: "runc", version: "1.1.5" },
      { tier: "gvisor", name: "runsc" },
    ],
  );
});

test("a bug of the launcher's ends the connection, and is noted; what a gateway says wrongly is no bug", async (t) => {
  const notes: string[] = [];
  const yard = { ...yardOf(async () => undefined), note: (line: string) => void notes.push(line) };
  const saysWrongly = await connected(t, yard);
  saysWrongly.write(Buffer.alloc(8, 255));
  await new Promise((resolve) => saysWrongly.once("close", resolve).resume());
  t.strictSame(notes, []);
  const buggy = (): never => {
    throw new TypeError("of ours");
  };
  t.intercept(ContainerLife.prototype, "run", { value: async () => undefined });
  t.intercept(ContainerLife.prototype, "hear", { value: buggy });
  const connection = new Connection(await connected(t, yard), buggy, buggy);
  const launch = { pin: "a".repeat(64), slot: "b".repeat(32), tier: "container", network: false };
  connection.say({ word: "launch", ...launch, limits: { memoryMb: 1, cpuMs: 1 }, mounts: [] });
  connection.say({ word: "kill" });
  await connection.closed;
  t.match(notes, [/of ours/]);
});
