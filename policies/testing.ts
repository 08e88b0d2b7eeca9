import type { JsonObject } from "../manifests/json.ts";
import { type Manifest, parseManifest } from "../manifests/manifest.ts";
import type { PolicyRequest } from "./request.ts";

/** A manifest for tests and benchmarks: closed input, everything else as small as it can be. */
export function sampleTool(
  name: string,
  properties: JsonObject = {},
  more: Partial<Manifest> = {},
): Manifest {
  return parseManifest({
    apiVersion: "ringward/v1",
    kind: "Tool",
    name,
    version: "1.0.0",
    description: "A tool for tests.",
    input: { type: "object", additionalProperties: false, properties },
    effects: ["read"],
    output: { schema: true },
    run: { js: "./sample.ts" },
    ...more,
  });
}

/** A request for tests and benchmarks: an untainted session that says nothing of itself. */
export function sampleRequest(tool: string, more: Partial<PolicyRequest> = {}): PolicyRequest {
  return {
    principal: { id: "robin", groups: [] },
    tool,
    session: { id: "session_1", tainted: false, confidentiality: "public" },
    arguments: {},
    roles: {},
    findings: [],
    needs: { hosts: [], reads: [], writes: [] },
    ...more,
  };
}
