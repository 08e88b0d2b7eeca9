// Runs in the jail as a worker would, as text; imported by nobody. It tries what a guest that has
// escaped from its isolate would try, and says on its standard output how far it came.
import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { closeInherited } from "./close-inherited.ts";

const [, , inherited, port = "0", processes = "0", bytes = "0"] = process.argv;

closeInherited(inherited);
process.stdout.write(
  JSON.stringify({
    network: await reach(Number(port)),
    // biome-ignore lint/style/noProcessEnv: that there is none is to be shown.
    environment: Object.keys(process.env).join(" "),
    user: String(process.getuid?.()),
    tree: readdirSync("/").sort().join(" "),
    reading: attempt(() => readFileSync("/etc/passwd")),
    writing: ["/x", "/app/node", "/tmp/x", "/usr/x"].map(tryWriting).join(" "),
    namespaces: String(spawnSync("/usr/bin/unshare", ["--user", "/bin/true"]).status),
    memory: attempt(() => new Uint8Array(Number(bytes)).fill(1)),
    machineCode: typeof (globalThis as { WebAssembly?: unknown }).WebAssembly,
    processes: String(await breed(Number(processes))),
  }),
);
// Looked at from outside until the gateway ends the pipe.
process.stdin.resume().once("end", () => process.exit(0));

function reach(to: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(to, "127.0.0.1");
    socket.once("connect", () => resolve("connected"));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "failed"));
  });
}

function attempt(act: () => unknown): string {
  try {
    act();
    return "done";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).name;
  }
}

function tryWriting(path: string): string {
  return attempt(() => writeFileSync(path, "x"));
}

/** How many processes it could have at once. */
async function breed(wanted: number): Promise<number> {
  const born = await Promise.all(
    Array.from({ length: wanted }, () => {
      const child = spawn("/usr/bin/sleep", ["60"], { stdio: "inherit" });
      return new Promise<number>((resolve) => {
        child.once("spawn", () => resolve(1));
        child.once("error", () => resolve(0));
      });
    }),
  );
  return born.reduce((sum, one) => sum + one, 0);
}
