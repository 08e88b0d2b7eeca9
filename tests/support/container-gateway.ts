import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { listRecords } from "../../gateway/audit/read.ts";
import type { Config } from "../../gateway/config/config.ts";
import type { JsonObject } from "../../manifests/json.ts";
import { busyboxImage } from "./busybox-image.ts";
import type { TestEngine } from "./engine.ts";
import { openTestGateway, type TestGateway } from "./test-gateway.ts";

/** What differs among the tools of a test: parts of their manifests, by name. */
export type TestTools = Readonly<Record<string, JsonObject>>;

export interface ContainerParts {
  readonly tools: TestTools;
  /** Ids by name, beside that of `shell`. */
  readonly images?: Readonly<Record<string, string>>;
  readonly policies?: string;
  readonly tiers?: readonly string[];
  readonly config?: Partial<Record<keyof Config, unknown>>;
}

/** A gateway whose container tiers run on a real engine, with tools whose program is a shell. */
export async function openContainerGateway(
  t: Test,
  engine: Pick<TestEngine, "socket">,
  { tools, images: more = {}, policies, tiers, config = {} }: ContainerParts,
): Promise<TestGateway> {
  const folder = toolsFolder(t, tools);
  const images = join(folder, "images.json");
  const ids = { shell: await busyboxImage(engine), ...more };
  writeFileSync(images, imagesText(ids));
  return await openTestGateway(t, {
    mode: "development",
    manifests: [join(folder, "tools")],
    ...(policies !== undefined && { policies: policyFolders(folder, policies) }),
    containers: { engine: engine.socket, images, ...(tiers && { tiers }) },
    ...config,
  });
}

/** An images file. */
export function imagesText(ids: Readonly<Record<string, string>>): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, { id }])),
  );
}

/** The shipped policies, and one file more. */
export function policyFolders(folder: string, policies: string): readonly string[] {
  const added = join(folder, "policies");
  writeFileSync(join(added, "test.cedar"), policies);
  return [join(import.meta.dirname, "../../policies"), added];
}

/** A folder with one manifest for each tool, and with places for what goes along. */
export function toolsFolder(t: Test, tools: TestTools): string {
  const folder = mkdtempSync(join(tmpdir(), "ringward-tools-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const name of ["tools", "policies"]) mkdirSync(join(folder, name));
  for (const [name, parts] of Object.entries(tools)) {
    const manifest = { ...common, name, run: shellRun, ...parts };
    writeFileSync(join(folder, "tools", `${name}.yaml`), JSON.stringify(manifest));
  }
  writeFileSync(join(folder, "tools", "note.js"), noteCode);
  return folder;
}

/** Says its note, or reads the file that the note names by a path with a slash. */
const noteCode = `export const run = ({ note = "" }, host) =>
  note.includes("/") ? host.files.read(note) : note;`;

const text = { type: "string", maxLength: 1_000 };

const common: JsonObject = {
  apiVersion: "ringward/v1",
  kind: "Tool",
  version: "1.0.0",
  description: "Runs a command, where there is one, and says what it printed.",
  input: {
    type: "object",
    additionalProperties: false,
    properties: { command: text, note: text },
  },
  roles: { command: "command", note: "content" },
  effects: ["read"],
  output: { schema: { type: "string" } },
  sandbox: { tier: "container" },
  limits: { wallMs: 10_000, memoryMb: 64 },
};

/**
 * Reads its line, runs the argument `command` as a shell, and answers with what that printed in one
 * line, or with its kernel's release. Arguments of a test hold no quote and no backslash.
 */
const shellRun: JsonObject = {
  image: "shell",
  command: [
    "/bin/sh",
    "-c",
    `read -r told
nonce=$(echo "$told" | sed 's/.*"nonce":"\\([0-9a-f]*\\)".*/\\1/')
command=$(echo "$told" | sed -n 's/.*"command":"\\([^"]*\\)".*/\\1/p')
said=$(sh -c "\${command:-uname -r}" 2>&1 | tr '\\n' ' ')
echo "{\\"nonce\\":\\"$nonce\\",\\"output\\":\\"$said\\"}"`,
  ],
};

/** Answers line by line with what its command prints; asked for nothing, that it is well. Writes its own process id to `/tmp/server`. */
export const serverScript = `echo $$ > /tmp/server
while read -r told; do
nonce=$(echo "$told" | sed 's/.*"nonce":"\\([0-9a-f]*\\)".*/\\1/')
command=$(echo "$told" | sed -n 's/.*"command":"\\([^"]*\\)".*/\\1/p')
said=$(sh -c "\${command:-echo well}" 2>&1 | tr '\\n' ' ')
echo "{\\"nonce\\":\\"$nonce\\",\\"output\\":\\"$said\\"}"
done`;

export function stateOf({ folder }: TestGateway): string {
  return join(folder, "state");
}

/** The grants on record, oldest first. */
export async function recordedGrants(at: TestGateway): Promise<readonly JsonObject[]> {
  const records = await listRecords(stateOf(at), { kind: "intent" });
  return records.toReversed().map(({ details }) => details?.["grant"] as JsonObject);
}

/** What the ends of calls on record say of the sandbox, oldest first. */
export async function recordedSandboxes(at: TestGateway): Promise<readonly JsonObject[]> {
  const records = await listRecords(stateOf(at), { kind: "end" });
  const traces = records.toReversed().map(({ details }) => details?.["trace"]);
  return (traces as JsonObject[][]).flat().filter(({ control }) => control === "sandbox");
}
