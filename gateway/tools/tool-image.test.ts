import { type Test, test } from "tap";
import { loadTools } from "./load-tools.ts";
import type { Images } from "./read-images.ts";
import type { Tool } from "./tool.ts";

const shell = `sha256:${"a".repeat(64)}`;
const node = `sha256:${"b".repeat(64)}`;
const images = new Map([
  ["shell", shell],
  ["node", node],
]);
const other = new Map([
  ["shell", node],
  ["node", shell],
]);

async function load(t: Test, rest: string, built?: Images): Promise<Tool | undefined> {
  const text = `apiVersion: ringward/v1
kind: Tool
name: a.tool
version: 1.0.0
description: A tool.
input: { type: object, additionalProperties: false, properties: {} }
effects: [read]
output: { schema: true }
${rest}`;
  const code = "export const run = () => 1;";
  const folder = t.testdir({ tool: { "manifest.yaml": text, "tool.js": code } });
  const tools = await loadTools({
    shipped: [],
    folders: [folder],
    ...(built && { images: built }),
  });
  return tools.get("a.tool");
}

const inShell = "sandbox: { tier: container }\nrun: { image: shell, command: [sh] }\n";
const ofJs = "run: { js: ./tool.js }\n";

test("a shipped image is its id, and part of what the tool is", async (t) => {
  const tool = await load(t, inShell, images);
  t.equal(tool?.image, shell);
  t.not((await load(t, inShell, other))?.pin, tool?.pin, "built anew it is another tool");
  t.equal((await load(t, inShell, images))?.pin, tool?.pin);
});

test("a tool whose image is not there is loaded all the same, as another tool", async (t) => {
  const tool = await load(t, inShell);
  t.notOk(tool && "image" in tool);
  t.not(tool?.pin, (await load(t, inShell, images))?.pin);
});

test("an image that is neither shipped nor exact is a mistake, at its place", async (t) => {
  for (const image of ["shel", "constructor"]) {
    const run = `{ image: ${image}, command: [sh] }`;
    const loading = load(t, `sandbox: { tier: container }\nrun: ${run}\n`, images);
    const message =
      /manifest\.yaml:10:8: `run.image`: there is no shipped image .* use shell, node/;
    await t.rejects(loading, { name: "SourceError", message });
  }
});

test("an image by id or digest is taken as it stands, whatever was built", async (t) => {
  for (const image of [shell, `registry.example:5000/tools/jq@${shell}`]) {
    const rest = `sandbox: { tier: gvisor }\nrun: { image: "${image}", command: [jq] }\n`;
    t.equal((await load(t, rest, images))?.image, image);
    t.equal((await load(t, rest))?.image, image);
  }
});

test("code of ours runs in the node image, which is part of it where its manifest names a container", async (t) => {
  t.equal((await load(t, ofJs, images))?.image, node, "policy may raise its calls");
  t.equal(
    (await load(t, ofJs, images))?.pin,
    (await load(t, ofJs))?.pin,
    "and it stays what it is",
  );
  for (const sandbox of ["{ tier: container }", "{ escalate: { untrusted: gvisor } }"]) {
    const rest = `sandbox: ${sandbox}\n${ofJs}`;
    const pins = [images, other, undefined].map(async (built) => (await load(t, rest, built))?.pin);
    t.equal(new Set(await Promise.all(pins)).size, 3, sandbox);
  }
});
