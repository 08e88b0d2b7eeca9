import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { stringify } from "yaml";
import type { Corpus } from "../../../demo/corpus.ts";
import { furnish, type Reach, toolsAndHosts } from "../../../demo/deployment.ts";
import { certify, makeAuthority } from "../certificates.ts";
import { ringward } from "../command-line.ts";
import { root } from "../source-files.ts";

/** Whom the composition's gateway and launcher run as. */
const user = 10_001;

export interface Contents {
  /** Their ids, by name. */
  readonly images: Readonly<Record<string, string>>;
  /** What there is for the demo. */
  readonly corpus: Corpus;
  readonly reach: Reach;
}

/**
 * A deployment folder as docs/composition.md has it made, with a tool more that runs in a container,
 * and what the demo needs.
 */
export async function makeDeployment(
  t: Test,
  { images, corpus, reach }: Contents,
): Promise<string> {
  const parent = mkdtempSync(join(tmpdir(), "ringward-deployed-"));
  t.teardown(() => rmSync(parent, { recursive: true, force: true }));
  chmodSync(parent, 0o755);
  const folder = join(parent, "ringward");
  const { code, stderr } = await ringward(["init", folder], { folder: parent });
  if (code !== 0) throw new Error(stderr);
  writeConfiguration(folder, reach);
  await furnish(folder, corpus, reach);
  writeImages(folder, images);
  writeCertificate(folder);
  addContainerTool(folder);
  mkdirSync(join(folder, "sockets"), { mode: 0o700 });
  const owned = ["workspace", "sockets"].map((name) => join(folder, name));
  execFileSync("chown", ["-hR", `${user}:${user}`, ...owned]);
  return folder;
}

function writeConfiguration(folder: string, { address }: Reach): void {
  const shipped = readFileSync(join(root, "deploy", "ringward.yaml"), "utf8");
  // Proving gVisor takes its time, and other tests do it.
  const text = `${shipped}  tiers: [container]\n${stringify(toolsAndHosts(address))}`;
  writeFileSync(join(folder, "ringward.yaml"), text);
}

function writeImages(folder: string, images: Readonly<Record<string, string>>): void {
  const entries = Object.entries(images).map(([name, id]) => [name, { id }] as const);
  writeFileSync(join(folder, "images.json"), JSON.stringify(Object.fromEntries(entries)));
}

function writeCertificate(folder: string): void {
  const authority = makeAuthority("Ringward of a test");
  const { cert, key } = certify({ names: ["gateway", "localhost"] }, authority);
  mkdirSync(join(folder, "tls"));
  writeFileSync(join(folder, "tls", "cert.pem"), cert + authority.cert);
  writeFileSync(join(folder, "tls", "key.pem"), key, { mode: 0o400 });
  chownSync(join(folder, "tls", "key.pem"), user, user);
}

function addContainerTool(folder: string): void {
  const text = readFileSync(join(folder, "manifests", "text-count.yaml"), "utf8");
  const changed = text
    .replace("name: text.count", "name: text.measure")
    // Long enough for a container that nobody has started before, on a busy machine.
    .replace("wallMs: 2000, cpuMs: 200, memoryMb: 16", "wallMs: 20000, memoryMb: 64")
    .replace("\nrun:", "\nsandbox: { tier: container }\nrun:");
  writeFileSync(join(folder, "manifests", "text-measure.yaml"), changed);
}
