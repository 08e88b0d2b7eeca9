import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import bounds from "./bounds.json" with { type: "json" };
import { type Child, endChild, startChild } from "./child.ts";
import type { RunningPeer } from "./peer.ts";

/** Whether each call gets an isolate of its own, by the loader of workers. */
export type Isolates = "one" | "each";

export async function startWorkerd(
  file: string,
  code: string,
  isolates: Isolates,
): Promise<RunningPeer> {
  const folder = await mkdtemp(join(tmpdir(), "ringward-peer-"));
  const guest = `${code}\n${handler}`;
  await writeFile(join(folder, "config.capnp"), config(isolates));
  await writeFile(join(folder, "main.js"), isolates === "one" ? guest : loader(guest));
  const args = ["serve", "--experimental", "--control-fd=1", join(folder, "config.capnp")];
  const child = startChild({ file, args });
  const port = await portOf(child);
  return {
    host: child.pid,
    call: (input) => post(port, input),
    pids: () => (child.pid === undefined || child.exitCode !== null ? [] : [child.pid]),
    async stop() {
      // It listens to no end of input.
      child.kill("SIGKILL");
      await endChild(child, 0);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const handler = `
export default {
  async fetch(request) {
    try {
      return new Response(JSON.stringify(await run(await request.json())));
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
};
`;

function loader(guest: string): string {
  return `
const code = {
  compatibilityDate: "${date}",
  mainModule: "guest.js",
  modules: { "guest.js": ${JSON.stringify(guest)} },
  globalOutbound: null,
  limits: { cpuMs: ${bounds.timeMs} },
};
export default {
  fetch: (request, env) => env.LOADER.load(code).getEntrypoint().fetch(request),
};
`;
}

const date = "2026-11-01";

function config(isolates: Isolates): string {
  const loaders = isolates === "one" ? "" : `bindings = [ (name = "LOADER", workerLoader = ()) ],`;
  return `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "main", worker = .main) ],
  sockets = [ (name = "http", address = "127.0.0.1:0", http = (), service = "main") ],
);
const main :Workerd.Worker = (
  modules = [ (name = "main.js", esModule = embed "main.js") ],
  compatibilityDate = "${date}", ${loaders}
);
`;
}

/** Of the one socket, as it says when it listens. */
function portOf(child: Child): Promise<number> {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const { event, port } = JSON.parse(line) as { readonly event: string; readonly port: number };
      if (event === "listen") resolve(port);
    });
    child.once("close", () => reject(new Error("workerd did not start")));
  });
}

async function post(port: number, input: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: input });
  const answer = await response.text();
  if (response.status !== 200) throw new Error(answer.slice(0, 500) || `${response.status}`);
  return answer;
}
