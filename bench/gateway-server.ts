import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { parseConfig } from "../gateway/config/config.ts";
import { openGateway } from "../gateway/open-gateway.ts";
import { serve } from "../gateway/serve.ts";
import { limits } from "../manifests/limits.ts";
import { parseSessionRequest } from "../manifests/session.ts";
import { type LoopDelay, watchLoop } from "./loop-delay.ts";
import { watchProcessStarts } from "./process-starts.ts";

/** What the server says when it is ready. */
export interface Started {
  readonly url: string;
  readonly token: string;
}

/** What it answers to any word: since the last time, or since the start. */
export interface Seen {
  readonly delay: LoopDelay;
  readonly workerStarts: number;
}

/** A whole gateway in a process of its own, every ring on, with one open session. */
const folder = mkdtempSync(join(tmpdir(), "ringward-bench-"));
const config = parseConfig({
  apiVersion: "ringward/v1",
  kind: "Deployment",
  state: join(folder, "state"),
  workspace: join(folder, "workspace"),
  manifests: [join(import.meta.dirname, "tools")],
  listen: { agents: { port: 0 }, operators: { port: 0 } },
});
const starts = watchProcessStarts();
const loop = watchLoop();
const gateway = await openGateway(config, { writer: "gateway" });
const served = await serve(gateway, {
  log: pino({ level: "silent" }),
  behindProxy: false,
  // One client sends everything; how fast it may is not what is measured.
  limits: { requestsPerMinute: 1_000_000 },
});
const budget = {
  calls: limits.sessionCallsCeiling,
  bytes: limits.sessionBytesCeiling,
  seconds: limits.sessionRunSecondsCeiling,
};
const request = parseSessionRequest({ principal: "bench", task: "count", budget });
const { session, token } = await gateway.openSession(request, "bench");
const url = `${served.agentsUrl}/v1/sessions/${session.id}/calls`;
process.send?.({ url, token } satisfies Started);
let startsBefore = 0;
process.on("message", () => {
  const workerStarts = starts.count() - startsBefore;
  startsBefore += workerStarts;
  process.send?.({ delay: loop.take(), workerStarts } satisfies Seen);
});
process.on("disconnect", () => void close());

async function close(): Promise<void> {
  await served.close();
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}
