import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { whereIs } from "../../scripts/engine/programs.ts";
import type { TestEngine } from "./engine.ts";
import { inTurn } from "./in-turn.ts";
import { type LoadedImage, loadImage } from "./load-image.ts";
import { sharedFolder } from "./shared-folder.ts";

/**
 * The id of a small image for tests: busybox with all its names in `/bin`, and nothing else. It is
 * loaded where the engine has none yet.
 */
export async function busyboxImage(engine: Pick<TestEngine, "socket">): Promise<string> {
  return await inTurn(sharedFolder(), async () => {
    const image = builtImage(join(sharedFolder(), "busybox"));
    await loadImage(engine.socket, image);
    return image.id;
  });
}

function builtImage(folder: string): LoadedImage {
  const archive = join(folder, "archive.tar");
  const config = join(folder, "config.json");
  if (!existsSync(archive)) build(folder, { archive, config });
  return { archive, id: `sha256:${hash("sha256", readFileSync(config))}` };
}

function build(folder: string, { archive, config }: { archive: string; config: string }): void {
  const root = join(folder, "root");
  const layer = join(folder, "layer.tar");
  fill(root, binaryIn(folder));
  tar(layer, root, ["."]);
  writeFileSync(config, JSON.stringify(configOf(hash("sha256", readFileSync(layer)))));
  const tags = ["ringward-test-busybox:1"];
  const manifest = [{ Config: "config.json", RepoTags: tags, Layers: ["layer.tar"] }];
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
  tar(`${archive}.new`, folder, ["manifest.json", "config.json", "layer.tar"]);
  renameSync(`${archive}.new`, archive);
}

function fill(root: string, binary: string): void {
  rmSync(root, { recursive: true, force: true });
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
    rootfs: { type: "layers", diff_ids: [`sha256:${layer}`] },
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
  mkdirSync(folder, { recursive: true });
  const installed = whereIs("busybox");
  if (installed !== undefined && !readFileSync(installed).includes("/ld-linux")) return installed;
  execFileSync("apt-get", ["download", "-q", "busybox-static"], { cwd: folder, stdio: "ignore" });
  execFileSync("sh", ["-c", "dpkg-deb -x busybox-static_*.deb package"], { cwd: folder });
  return join(folder, "package", "bin", "busybox");
}
