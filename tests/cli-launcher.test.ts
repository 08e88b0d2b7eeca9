import { execFile } from "node:child_process";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "tap";

const launcher = join(import.meta.dirname, "..", "bin", "ringward.js");

/** Makes the launcher believe that an older Node runs it. */
const oldNode = `data:text/javascript,Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.11.0" } })`;

/** The fixture lies beneath this package, whose own Node would be found. */
const noPlatform = `Object.defineProperty(process, "arch", { value: "vax" })`;

interface Ended {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

test("an older Node starts the Node that came with the package, and passes on its end", async (t) => {
  const version = await run("--import", oldNode, launcher, "--version");
  t.match(version, { code: 0, stdout: /^\d+\.\d+\.\d+\n$/, stderr: "" });
  const wrong = await run("--import", oldNode, launcher, "no-command");
  t.match(wrong, { code: 2, stderr: /unknown command/ });
});

test("an older Node with none beside it says what is needed, and exits with 78", async (t) => {
  const folder = t.testdir({ "package.json": '{"type":"module"}' });
  await mkdir(join(folder, "bin"));
  const copy = join(folder, "bin", "ringward.js");
  await copyFile(launcher, copy);
  const ended = await run("--import", `${oldNode};${noPlatform}`, copy, "--version");
  t.equal(ended.code, 78);
  t.match(ended.stderr, /^ringward: Node 24\.12 or newer is needed, this is 20\.11\.0 \([^\n]+\n$/);
});

test("an installed package runs what was built, not the sources", async (t) => {
  const folder = t.testdir({
    node_modules: {
      ringward: {
        "package.json": '{"type":"module"}',
        bin: {},
        dist: { gateway: { "main.js": 'process.stdout.write("built\\n");' } },
        gateway: { "main.ts": 'process.stdout.write("source\\n");' },
      },
    },
  });
  const root = join(folder, "node_modules", "ringward");
  await copyFile(launcher, join(root, "bin", "ringward.js"));
  t.match(await run(join(root, "bin", "ringward.js")), { code: 0, stdout: "built\n", stderr: "" });
});
