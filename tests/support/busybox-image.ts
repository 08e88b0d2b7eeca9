import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { whereIs } from "../../scripts/engine/programs.ts";
import type { TestEngine } from "./engine.ts";
import { inTurn } from "./in-turn.ts";

const tag = "ringward-test-busybox:1";

/**
 * The id of a small image for tests: busybox with all its names in `/bin`, and nothing else. It is
 * loaded where the engine has none yet.
 */
export async function busyboxImage({ socket }: Pick<TestEngine, "socket">): Promise<string> {
  const engine = new Docker({ socketPath: socket });
  return await inTurn(socket, async () => {
    const there = await idOf(engine);
    if (there !== undefined) return there;
    await load(engine);
    return (await engine.getImage(tag).inspect()).Id;
  });
}

async function idOf(engine: Docker): Promise<string | undefined> {
  const images = await engine.listImages({ filters: { reference: [tag] } });
  return images[0]?.Id;
}

async function load(engine: Docker): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ringward-busybox-"));
  try {
    const loading = await engine.loadImage(createReadStream(archiveIn(folder)));
    loading.resume();
    await new Promise((resolve, reject) => loading.once("end", resolve).once("error", reject));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function archiveIn(folder: string): string {
  const root = join(folder, "root");
  const layer = join(folder, "layer.tar");
  fill(root, binaryIn(folder));
  tar(layer, root, ["."]);
  const diff = `sha256:${hash("sha256", readFileSync(layer))}`;
  writeFileSync(join(folder, "config.json"), JSON.stringify(configOf(diff)));
  const manifest = [{ Config: "config.json", RepoTags: [tag], Layers: ["layer.tar"] }];
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
  const archive = join(folder, "archive.tar");
  tar(archive, folder, ["manifest.json", "config.json", "layer.tar"]);
  return archive;
}

function fill(root: string, binary: string): void {
  for (const name of ["bin", "tmp", "etc"]) mkdirSync(join(root, name), { recursive: true });
  chmodSync(join(root, "tmp"), 0o1777);
  cpSync(binary, join(root, "bin", "busybox"));
  chmodSync(join(root, "bin", "busybox"), 0o755);
  const names = execFileSync(binary, ["--list"], { encoding: "utf8" }).split("\n");
  for (const name of names) {
    if (name !== "" && name !== "busybox") symlinkSync("busybox", join(root, "bin", name));
  }
}

function configOf(layer: string): object {
  return {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: { Env: ["PATH=/bin"], Cmd: ["/bin/sh"] },
    rootfs: { type: "layers", diff_ids: [layer] },
    history: [{ created_by: "busybox" }],
  };
}

/** The same bytes each time. */
function tar(archive: string, folder: string, names: readonly string[]): void {
  const fixed = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
  execFileSync("tar", ["--create", "--file", archive, ...fixed, "-C", folder, ...names]);
}

/** The machine's own where it needs no library, else Debian's. */
function binaryIn(folder: string): string {
  const installed = whereIs("busybox");
  if (installed !== undefined && !readFileSync(installed).includes("/ld-linux")) return installed;
  execFileSync("apt-get", ["download", "-q", "busybox-static"], { cwd: folder, stdio: "ignore" });
  execFileSync("sh", ["-c", "dpkg-deb -x busybox-static_*.deb package"], { cwd: folder });
  return join(folder, "package", "bin", "busybox");
}
