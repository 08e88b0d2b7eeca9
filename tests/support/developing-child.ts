import { argv, stdout } from "node:process";
import type { Config } from "../../gateway/config/config.ts";
import { startLauncher } from "../../gateway/launcher/start-launcher.ts";
import { connectLauncher } from "../../sandbox/container/link/connect-launcher.ts";
import type { LaunchRequest } from "../../sandbox/container/link/launcher.ts";

/** What this child is told. */
export interface DevelopingTold {
  readonly config: Config;
  readonly requests: readonly LaunchRequest[];
}

/** As much of a gateway as starts a launcher of its own; a test may kill it. Says where its launcher is, when all run. */
const { config, requests } = JSON.parse(argv[2] ?? "") as DevelopingTold;
const { socket } = await startLauncher(config);
const launcher = connectLauncher(socket, thrown);
const { signal } = new AbortController();
for (const request of requests) await launcher.launch(request, signal);
stdout.write(`${socket}\n`);

function thrown(bug: unknown): never {
  throw bug;
}
