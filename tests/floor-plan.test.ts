import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "tap";
import { root, sourceFiles, textOf } from "./support/source-files.ts";

/** Who may import whom. You may only step down; `docs/floor-plan.md` says why. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  manifests: [],
  policies: ["manifests"],
  guardrails: ["manifests"],
  sandbox: ["manifests"],
  agent: ["manifests"],
  gateway: ["manifests", "policies", "guardrails", "sandbox"],
  demo: ["manifests", "gateway", "agent"],
  bench: ["manifests", "policies", "guardrails", "sandbox", "gateway", "agent", "demo", "scripts"],
  scripts: ["manifests", "guardrails", "policies", "gateway"],
  tests: [
    "manifests",
    "policies",
    "guardrails",
    "sandbox",
    "gateway",
    "agent",
    "demo",
    "bench",
    "scripts",
  ],
};

/** The same for the rooms inside rooms. Files beside them put them together, or are for all. */
const mayImportInside: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "sandbox/": { broker: [], pool: [], isolate: ["broker", "pool"], container: ["broker", "pool"] },
  "sandbox/broker/": { files: [], secrets: [], http: ["secrets"], proxy: ["http"] },
  "sandbox/isolate/": {
    filter: [],
    jail: ["filter"],
    protocol: [],
    proof: ["jail"],
    pool: ["jail", "proof", "protocol"],
    call: ["pool", "protocol"],
    worker: ["protocol", "proof"],
  },
  "sandbox/container/": {
    link: [],
    images: [],
    profile: ["link"],
    launcher: ["link", "profile"],
    proof: ["link", "profile"],
    files: [],
    pool: ["link"],
    call: ["files", "link", "pool"],
    service: ["call", "files", "link", "pool"],
  },
};

interface Import {
  readonly file: string;
  readonly target: string;
}

const files = sourceFiles().filter((file) => file.includes("/"));
const imports: readonly Import[] = files.flatMap(importsOf);

test("every room is on the plan, and every room on the plan has files", (t) => {
  const rooms = new Set(files.map(roomOf));
  t.strictSame([...rooms].sort(), Object.keys(mayImport).sort());
  t.end();
});

test("a room imports only what is below it", (t) => {
  t.ok(imports.length > 100, "a plan that sees no imports holds nothing");
  t.strictSame(imports.filter(isUpward).map(describe), []);
  t.end();
});

for (const [place, plan] of Object.entries(mayImportInside)) {
  test(`a room of ${place} imports only what is below it`, (t) => {
    const roomIn = (path: string): string =>
      path.startsWith(place) ? (/^[a-z]+(?=\/)/.exec(path.slice(place.length))?.[0] ?? "") : "";
    const rooms = new Set(files.map(roomIn).filter((room) => room !== ""));
    t.strictSame([...rooms].sort(), Object.keys(plan).sort());
    const upward = imports.filter(({ file, target }) => {
      const [from, to] = [roomIn(file), roomIn(target)];
      return from !== "" && to !== "" && from !== to && !plan[from]?.includes(to);
    });
    t.strictSame(upward.map(describe), []);
    t.end();
  });
}

test("what an import names exists", (t) => {
  const missing = imports.filter(({ target }) => !existsSync(join(root, target)));
  t.strictSame(missing.map(describe), []);
  t.end();
});

test("nobody imports the worker's side of the sandbox", (t) => {
  const inside = (path: string): boolean => path.startsWith("sandbox/isolate/worker/");
  const found = imports.filter(({ file, target }) => inside(target) && !inside(file));
  t.strictSame(found.map(describe), []);
  t.end();
});

test("only the sandbox's worker, and the bench that compares with it, load isolated-vm", (t) => {
  const loading = files.filter((file) => /["']isolated-vm["']/.test(textOf(file)));
  const allowed = /^(?:sandbox\/isolate\/worker\/|bench\/|tests\/floor-plan)/;
  t.strictSame(
    loading.filter((file) => !allowed.test(file)),
    [],
  );
  t.end();
});

function importsOf(file: string): readonly Import[] {
  // At the start of a line, so that code inside a test's strings does not count.
  const found = textOf(file).matchAll(
    /^(?:(?:import|export)\b[^;"'()]*\bfrom\s*|import\s*|.*\bimport\()["'](\.{1,2}\/[^"']+)["']/gm,
  );
  return [...found].map(([, path]) => ({
    file,
    target: relative(root, join(root, dirname(file), path ?? "")),
  }));
}

function isUpward({ file, target }: Import): boolean {
  const from = roomOf(file);
  const to = roomOf(target);
  return from !== to && !mayImport[from]?.includes(to);
}

function roomOf(path: string): string {
  return path.split("/")[0] ?? "";
}

function describe({ file, target }: Import): string {
  return `${file} -> ${target}`;
}
