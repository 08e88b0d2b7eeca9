import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { parseConfig } from "../gateway/config/config.ts";
import { openGateway } from "../gateway/open-gateway.ts";
import { serve } from "../gateway/serve.ts";
import { limits } from "../manifests/limits.ts";
import { parseSessionRequest } from "../manifests/session.ts";

/** A whole gateway in a process of its own, every ring on, with one open session. */
const folder = mkdtempSync(join(tmpdir(), "ringward-bench-"));
const config = parseConfig({
  apiVersion: "ringward/v1",
  kind: "Deployment",
  state: join(folder, "state"),
  workspace: join(folder, "workspace"),
  listen: { agents: { port: 0 }, operators: { port: 0 } },
});
const gateway = await openGateway(config, { writer: "gateway" });
const served = await serve(gateway, {
  log: pino({ level: "silent" }),
  behindProxy: false,
  // One client sends everything; how fast it may is not what is measured.
  limits: { requestsPerMinute: 1_000_000 },
});
const budget = { calls: limits.sessionCallsCeiling };
const request = parseSessionRequest({ principal: "bench", task: "count", budget });
const { session, token } = await gateway.openSession(request, "bench");
process.send?.({ url: `${served.agentsUrl}/v1/sessions/${session.id}/calls`, token });
process.on("disconnect", () => void close());

async function close(): Promise<void> {
  await served.close();
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}
