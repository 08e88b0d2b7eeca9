import { existsSync, realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** One file that a worker can see, and where it sees it. */
export interface ViewFile {
  readonly from: string;
  readonly to: string;
}

/** Where a worker sees Node and the addon. */
export const nodeInView = "/app/node";
export const addonInView = "/app/addon.node";

/**
 * All that a worker can see: Node, the addon, the dynamic loader, and the libraries that Node needs.
 * The worker's Node is the very file that runs here, so they are those that are loaded here; the
 * addon needs some of the same.
 */
export function viewFiles(): readonly ViewFile[] {
  return [
    { from: process.execPath, to: nodeInView },
    { from: addonPath(), to: addonInView },
    // By the names that the loader found them under and will look for again.
    ...sharedObjects().map((path) => ({ from: path, to: path })),
  ];
}

/** Whether every user of this machine can read the files, each folder on the way included. */
export function isOpenToAll(view: readonly ViewFile[]): boolean {
  return view.every(({ from }) => {
    const path = realpathSync(from);
    return (statSync(path).mode & 0o004) !== 0 && isOpenFolder(dirname(path));
  });
}

function isOpenFolder(path: string): boolean {
  const isOpen = (statSync(path).mode & 0o001) !== 0;
  return isOpen && (path === dirname(path) || isOpenFolder(dirname(path)));
}

/** Looked up once: the report that names them takes as long as a short call. */
function sharedObjects(): readonly string[] {
  if (libraries.length === 0) libraries.push(...loadedLibraries());
  return libraries;
}

const libraries: string[] = [];

function loadedLibraries(): readonly string[] {
  const report: Report = process.report;
  const { excludeNetwork = false } = report;
  // It would look up names of addresses.
  report.excludeNetwork = true;
  const { sharedObjects: loaded } = report.getReport() as { sharedObjects?: readonly string[] };
  report.excludeNetwork = excludeNetwork;
  return (loaded ?? []).filter((path) => isLibrary(path));
}

/** What Node's types leave out. */
type Report = NodeJS.ProcessReport & { excludeNetwork?: boolean };

/** Not the kernel's own page, nor this program, nor an addon of the gateway's. */
function isLibrary(path: string): boolean {
  return path.startsWith("/") && path !== process.execPath && !path.endsWith(".node");
}

/** The addon's file, without loading it: the library's own loader picks it the same way. */
export function addonPath(): string {
  const folder = dirname(createRequire(import.meta.url).resolve("isolated-vm/package.json"));
  const built = join(folder, "build", "Release", "isolated_vm.node");
  if (existsSync(built)) return built;
  const libc = existsSync("/etc/alpine-release") ? "musl" : "glibc";
  const flavour = process.platform === "linux" ? `.${libc}` : "";
  const name = `isolated-vm.abi${process.versions.modules}${flavour}.node`;
  return join(folder, "prebuilds", `${process.platform}-${process.arch}`, name);
}
