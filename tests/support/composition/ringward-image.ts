import { execFile } from "node:child_process";
import { hash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { whereIs } from "../../../scripts/engine/programs.ts";
import { inTurn } from "../in-turn.ts";
import { type LoadedImage, loadImage } from "../load-image.ts";
import { sharedFolder } from "../shared-folder.ts";
import { root } from "../source-files.ts";
import { sourcesDigest } from "../sources-digest.ts";
import {
  copiedPaths,
  type Instruction,
  imageConfig,
  ownedFolders,
  readStages,
} from "./dockerfile.ts";

const run = promisify(execFile);

/**
 * The Dockerfile's image without a registry: its base is this machine's Node and the programs that
 * the isolate tier needs; what it copies, whom it makes folders for and how it starts stand in it.
 */
export async function ringwardImage(engine: { readonly socket: string }): Promise<string> {
  return await inTurn(`${sharedFolder()}-ringward`, async () => {
    const image = await builtImage(join(sharedFolder(), `ringward-${sourcesDigest(madeOf)}`));
    await loadImage(engine.socket, image);
    return image.id;
  });
}

const madeOf = [
  ...["agent", "bin", "demo", "deploy", "gateway", "guardrails", "manifests", "policies"],
  ...["sandbox", "Dockerfile", "package-lock.json", "tsconfig.build.json"],
];

async function builtImage(folder: string): Promise<LoadedImage> {
  const archive = join(folder, "archive.tar");
  const config = join(folder, "config.json");
  if (!existsSync(config)) {
    const stage = readStages().at(-1) ?? [];
    mkdirSync(folder, { recursive: true });
    await tarBase(folder);
    await tarProject(folder, stage);
    await tarFolders(folder, stage);
    writeFileSync(join(folder, "manifest.json"), manifest());
    writeFileSync(join(folder, "config.json.new"), configOf(folder, stage));
    await run("mv", ["config.json.new", "config.json"], { cwd: folder });
    await tar(archive, folder, ["manifest.json", "config.json", ...layers]);
  }
  return { archive, id: `sha256:${hash("sha256", readFileSync(config))}` };
}

const layers = ["base.tar", "project.tar", "folders.tar"];

const programs = ["sh", "env", "setpriv", "prlimit", "unshare", "mount", "umount", "pivot_root"];
const tools = [...programs, "bwrap", "mkdir", "cp"];

/** Node, the programs, and the libraries that each of them names. */
async function tarBase(folder: string): Promise<void> {
  const base = join(folder, "base");
  const found = tools.map(whereIs).filter((path) => path !== undefined);
  const files = new Set([...found, ...(await librariesOf([process.execPath, ...found]))]);
  for (const file of files) copy(file, base, file);
  copy(process.execPath, base, "/usr/local/bin/node");
  for (const name of ["tmp", "etc"]) mkdirSync(join(base, name), { recursive: true });
  chmodSync(join(base, "tmp"), 0o1777);
  await tar(join(folder, "base.tar"), base, ["."]);
}

async function librariesOf(programs: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await run("ldd", [...programs]);
  return [...stdout.matchAll(/^\t(?:\S+ => )?(\/\S+) \(0x/gm)].map(([, path]) => path ?? "");
}

function copy(file: string, base: string, to: string): void {
  mkdirSync(dirname(join(base, to)), { recursive: true });
  copyFileSync(file, join(base, to));
}

async function tarProject(folder: string, stage: readonly Instruction[]): Promise<void> {
  const tsc = join(root, "node_modules", ".bin", "tsc");
  const emitted = ["--noCheck", "--declaration", "false", "--isolatedDeclarations", "false"];
  const args = ["-p", "tsconfig.build.json", ...emitted, "--outDir", join(folder, "dist")];
  // The runner of tests has its own modules loaded into every Node that it sees the environment of.
  await run("env", ["-i", process.execPath, tsc, ...args], { cwd: root });
  const workdir = (imageConfig(stage)["WorkingDir"] as string).slice(1);
  const copied = copiedPaths(stage).filter((path) => path !== "node_modules" && path !== "dist");
  await tar(join(folder, "project.tar"), root, [
    `--transform=flags=r;s,^,${workdir}/,`,
    ...[...copied, ...productionPackages(), "-C", folder, "dist"],
  ]);
}

/** What `npm ci --omit=dev` leaves, without the Node that it brings. */
function productionPackages(): readonly string[] {
  const text = readFileSync(join(root, "package-lock.json"), "utf8");
  const { packages } = JSON.parse(text) as { packages: Record<string, { dev?: boolean }> };
  const paths = Object.keys(packages).filter((path) => {
    const isWanted = path !== "" && !packages[path]?.dev && !/\/node-linux-/.test(path);
    return isWanted && existsSync(join(root, path));
  });
  return paths.filter((path) => !paths.some((other) => path.startsWith(`${other}/`)));
}

async function tarFolders(folder: string, stage: readonly Instruction[]): Promise<void> {
  const made = join(folder, "folders");
  const archive = join(folder, "folders.tar");
  for (const [at, { mode, owner, path }] of ownedFolders(stage).entries()) {
    mkdirSync(join(made, path), { recursive: true });
    const owned = [`--mode=${mode}`, `--owner=${owner}`, `--group=${owner}`, "--no-recursion"];
    const args = ["--file", archive, ...owned, "--numeric-owner", "-C", made, path.slice(1)];
    await run("tar", [at === 0 ? "--create" : "--append", ...args]);
  }
}

async function tar(archive: string, folder: string, names: readonly string[]): Promise<void> {
  const owned = ["--owner=0", "--group=0", "--numeric-owner"];
  await run("tar", ["--create", "--file", archive, ...owned, "-C", folder, ...names]);
}

function manifest(): string {
  return JSON.stringify([{ Config: "config.json", RepoTags: ["ringward:local"], Layers: layers }]);
}

function configOf(folder: string, stage: readonly Instruction[]): string {
  const digests = layers.map((name) => hash("sha256", readFileSync(join(folder, name))));
  return JSON.stringify({
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: imageConfig(stage),
    rootfs: { type: "layers", diff_ids: digests.map((digest) => `sha256:${digest}`) },
  });
}
