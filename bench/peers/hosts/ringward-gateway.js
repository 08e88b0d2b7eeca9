// A whole gateway of Ringward, every ring on; the guest is a tool that its operator has installed.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "../../../gateway/config/config.ts";
import { openGateway } from "../../../gateway/open-gateway.ts";
import { limits } from "../../../manifests/limits.ts";
import { parseSessionRequest } from "../../../manifests/session.ts";
import bounds from "../bounds.json" with { type: "json" };
import { serveLines } from "./lines.js";

async function open(guest) {
  const folder = mkdtempSync(join(tmpdir(), "ringward-peer-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const gateway = await openGateway(configOf(folder, guest), { writer: "gateway" });
  const budget = { calls: limits.sessionCallsCeiling };
  const request = parseSessionRequest({ principal: "bench", budget });
  const { session, token } = await gateway.openSession(request, "bench");
  return async (input) => {
    const proposal = { tool: "bench.guest", arguments: { value: JSON.parse(input) } };
    const flight = gateway.calls.begin({ bearer: token, session: session.id, proposal });
    const { status, code, output } = await flight.answer;
    if (status !== "completed") throw new Error(`${status} ${code}`);
    return JSON.stringify(output);
  };
}

/** Files of a deployment: the guest's `run` takes one value, a tool's an object with named parts. */
function configOf(folder, guest) {
  const tool = `const guest = (() => { ${guest}; return run; })();
    export const run = ({ value }, host) => guest(value, host);`;
  writeFileSync(join(folder, "guest.js"), tool);
  writeFileSync(join(folder, "guest.yaml"), JSON.stringify(manifest));
  return parseConfig({
    apiVersion: "ringward/v1",
    kind: "Deployment",
    state: join(folder, "state"),
    workspace: join(folder, "workspace"),
    manifests: [folder],
  });
}

const manifest = {
  apiVersion: "ringward/v1",
  kind: "Tool",
  name: "bench.guest",
  version: "1.0.0",
  description: "What every peer is asked to do.",
  input: {
    type: "object",
    additionalProperties: false,
    required: ["value"],
    properties: { value: {} },
  },
  roles: { value: "content" },
  effects: ["read"],
  output: { schema: true, integrity: "trusted", confidentiality: "public" },
  limits: { wallMs: 2 * bounds.timeMs, cpuMs: bounds.timeMs, memoryMb: bounds.memoryMb },
  run: { js: "./guest.js" },
};

serveLines(open);
