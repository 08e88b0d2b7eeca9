import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { createSchemaCompiler } from "../check-json.ts";
import { readManifest } from "../read-tool.ts";
import { importManifests } from "./import-manifests.ts";

const input = {
  type: "object",
  properties: {
    to: { type: "array", items: { type: "string" } },
    body: { type: "string" },
    urgent: { type: "boolean" },
    thing: { type: "string" },
  },
};

const lists = {
  mcp: { tools: [{ name: "mail.sendMessage", description: "Sends.", inputSchema: input }] },
  openai: [{ type: "function", function: { name: "mail_send_message", parameters: input } }],
  suites: { desk: [{ name: "mail_send_message", description: "Sends.", parameters: input }] },
};

test("a list of tools in each of its forms becomes manifests that load", async (t) => {
  for (const [form, list] of Object.entries(lists)) {
    const folder = t.testdir({ "tools.json": JSON.stringify(list) });
    const { written } = await importManifests({ list: join(folder, "tools.json"), folder });
    const place = form === "suites" ? join(folder, "desk") : folder;
    t.strictSame(written, [join(place, "mail_send_message.yaml")]);
    const { manifest } = await readManifest(written[0] ?? "", createSchemaCompiler());
    t.match(manifest, {
      name: "mail_send_message",
      effects: ["write", "external"],
      asked: ["mail", "send"],
      output: { integrity: "untrusted" },
      roles: { to: "destination", body: "content", urgent: "selector", thing: "identifier" },
    });
    const text = readFileSync(written[0] ?? "", "utf8");
    t.match(text, "guessed: its name says `mail`");
    t.match(text, "guessed: it chooses what is changed");
  }
});

test("attack: a tool whose name says nothing, or whose server calls it harmless, is taken for the worst", async (t) => {
  const tools = [{ name: "helper", inputSchema: {}, annotations: { readOnlyHint: true } }];
  const folder = t.testdir({ "tools.json": JSON.stringify({ tools }) });
  const { written } = await importManifests({ list: join(folder, "tools.json"), folder });
  const { manifest } = await readManifest(written[0] ?? "", createSchemaCompiler());
  t.strictSame(manifest.effects, ["write", "external"]);
});

test("a name that no manifest may have becomes one that it may", async (t) => {
  const names = ["3d.render", "…", "x".repeat(100)];
  const tools = names.map((name) => ({ name, inputSchema: {} }));
  const folder = t.testdir({ "tools.json": JSON.stringify({ tools }) });
  const { written } = await importManifests({ list: join(folder, "tools.json"), folder });
  const read = written.map((file) => readManifest(file, createSchemaCompiler()));
  const found = (await Promise.all(read)).map(({ manifest }) => manifest.name);
  t.strictSame(found, ["tool_3d_render", "tool_unnamed", "x".repeat(59)]);
});

test("what somebody has read through stays as it is", async (t) => {
  const list = { tools: [{ name: "get_it", inputSchema: {} }] };
  const folder = t.testdir({ "tools.json": JSON.stringify(list), "get_it.yaml": "read through" });
  const imported = await importManifests({ list: join(folder, "tools.json"), folder });
  t.strictSame(imported, { written: [], kept: [join(folder, "get_it.yaml")] });
  t.equal(readFileSync(join(folder, "get_it.yaml"), "utf8"), "read through");
});

test("attack: no name of a tool or suite leads out of the folder", async (t) => {
  const folder = t.testdir({});
  const file = join(folder, "tools.json");
  writeFileSync(file, JSON.stringify({ tools: [{ name: "../../get_out", inputSchema: {} }] }));
  const { written } = await importManifests({ list: file, folder });
  t.strictSame(written, [join(folder, "get_out.yaml")]);
  for (const wrong of ["..", "a/b", "../x"]) {
    writeFileSync(file, JSON.stringify({ [wrong]: [{ name: "get_it", parameters: {} }] }));
    await t.rejects(
      importManifests({ list: file, folder }),
      { message: /no list of tools/ },
      wrong,
    );
  }
});

test("what is no list is told with its file", async (t) => {
  const folder = t.testdir({ "a.json": "{", "b.json": '{"tools": 1}' });
  const read = (name: string) => importManifests({ list: join(folder, name), folder });
  await t.rejects(read("a.json"), { message: /a\.json:1:1: it is no JSON/ });
  await t.rejects(read("b.json"), { message: /b\.json:1:1: it is no list of tools/ });
  await t.rejects(read("c.json"), { message: /c\.json:1:1: it cannot be read: ENOENT/ });
});
