import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import type { Launchable } from "../../sandbox/container/launchable.ts";
import { readConfig } from "../config/config.ts";
import { composeLauncher } from "./compose-launcher.ts";

const shell = `sha256:${"a".repeat(64)}`;
const node = `sha256:${"b".repeat(64)}`;
const digest = `tool@sha256:${"c".repeat(64)}`;
const place = { engine: "/e.sock", socket: "/l.sock", sockets: "/out" };

const manifest = {
  apiVersion: "ringward/v1",
  kind: "Tool",
  version: "1.0.0",
  description: "Does it.",
  input: { type: "object", additionalProperties: false, properties: { path: { type: "string" } } },
  effects: ["read", "external"],
  output: { schema: true },
};
const program = { image: "shell", command: ["/bin/do", "it"] };

/** What is served of one tool. */
async function serve(
  t: Test,
  parts: object,
  images: object = { shell: { id: shell }, node: { id: node } },
): Promise<readonly Launchable[]> {
  const folder = realpathSync(
    t.testdir({
      "ringward.yaml":
        "apiVersion: ringward/v1\nkind: Deployment\nmode: development\nmanifests: [tools]\ntools: []\ncontainers: { images: images.json }",
      "images.json": JSON.stringify(images),
      tools: {},
    }),
  );
  const tools = join(folder, "tools");
  mkdirSync(tools, { recursive: true });
  writeFileSync(
    join(tools, "tool.yaml"),
    JSON.stringify({ ...manifest, name: "test.tool", ...parts }),
  );
  writeFileSync(join(tools, "tool.ts"), "export function run() { return 1; }");
  const config = await readConfig(join(folder, "ringward.yaml"));
  const composed = await composeLauncher(config, place);
  const { launchables, workspace, instance, protectedPaths } = composed;
  t.equal(workspace, join(folder, "workspace"));
  t.equal(instance, workspace, "the same after each start");
  for (const path of [join(folder, "state"), tools]) t.ok(protectedPaths.includes(path));
  const served = launchables.filter(({ tool }) => tool === "test.tool");
  t.match(composed, { tools: served.length, unbuilt: served.length === 0 ? ["test.tool"] : [] });
  return served;
}

test("a program runs as its manifest says", async (t) => {
  const limits = { memoryMb: 256, cpuMs: 3_000 };
  const [served] = await serve(t, { run: program, sandbox: { tier: "container" }, limits });
  t.match(served, { image: shell, command: program.command, tiers: ["container", "gvisor"] });
  t.match(served, { ...limits, reads: [], isNetworked: false, lifecycle: "call" });
  t.equal(served?.runnerMemoryMb, undefined);
});

test("no tool runs in a tier weaker than its own", async (t) => {
  const [served] = await serve(t, { run: program, sandbox: { tier: "gvisor" } });
  t.strictSame(served?.tiers, ["gvisor"]);
});

test("a program sees what it reads; where an argument says what, it may be anything", async (t) => {
  const permissions = {
    net: [{ host: "a.example" }],
    fs: [
      { path: "in", access: "read" },
      { path: "{{args.path}}", access: "read" },
      { path: "out", access: "write" },
      { path: "list", access: "list" },
    ],
  };
  const effects = ["write", "external"];
  const parts = { run: program, sandbox: { tier: "container" }, permissions, effects };
  const [served] = await serve(t, parts);
  t.match(served, { isNetworked: true });
  t.strictSame(served?.reads, [
    { path: "in", access: "read" },
    { path: ".", access: "read" },
  ]);
});

test("code of ours runs in the shipped image, wherever policy may raise it; it has no mounts", async (t) => {
  const fs = [{ path: "in", access: "read" }];
  const [served] = await serve(t, { run: { js: "./tool.ts" }, permissions: { fs } });
  t.match(served, { image: node, command: ["/ringward/run"], tiers: ["container", "gvisor"] });
  t.match(served, { reads: [], isNetworked: true, runnerMemoryMb: 64 });
  const [plain] = await serve(t, { run: { js: "./tool.ts" } });
  t.match(plain, { isNetworked: false });
});

test("an image by its digest is itself; one that was not built here is not served", async (t) => {
  const sandbox = { tier: "container" };
  const [served] = await serve(t, { run: { ...program, image: digest }, sandbox }, {});
  t.equal(served?.image, digest);
  t.strictSame(await serve(t, { run: program, sandbox }, {}), []);
});
