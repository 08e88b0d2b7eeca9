import { parse } from "yaml";
import type { JsonValue } from "../../../manifests/json.ts";
import { cleanLabel } from "../../../manifests/label.ts";
import type { Manifest } from "../../../manifests/manifest.ts";
import type { Tier } from "../../../manifests/tier.ts";
import type { Readiness, Sandbox, SandboxResult } from "../../../sandbox/sandbox.ts";
import type { TracedCall } from "./trace-file.ts";

/** What a call once brought stands in for running it: nothing happens anywhere. */
export class RecordedSandbox implements Sandbox {
  readonly tier: Tier;
  /** Of the call that comes next. */
  next: SandboxResult | undefined;

  constructor(tier: Tier) {
    this.tier = tier;
  }

  run(): Promise<SandboxResult> {
    if (!this.next) throw new Error("no result was recorded for this call");
    return Promise.resolve(this.next);
  }

  probe(): Promise<Readiness> {
    const { tier } = this;
    return Promise.resolve({ tier, offered: true, launchers: [], isWalled: true, walls: [] });
  }

  warm(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** What the tool's own code would have handed over, in the shape that its schema says. */
export function resultOf(call: TracedCall, { output }: Manifest): SandboxResult {
  const ran = {
    usage: { wallMs: 0, cpuMs: 0, outputBytes: 0 },
    ...{ requests: [], log: "", read: cleanLabel },
  };
  if (call.error !== null) {
    return { kind: "failed", code: "GUEST_ERROR", detail: call.error.slice(0, 500), ...ran };
  }
  return { kind: "output", output: JSON.stringify(shaped(call.result, output.schema)), ...ran };
}

/** Recorders keep texts of what was structured: YAML, or what JSON and Python print. */
function shaped(result: JsonValue, schema: JsonValue): JsonValue {
  if (typeof result !== "string" || isOfText(schema)) return result;
  try {
    return parse(result, { maxAliasCount: 0 }) as JsonValue;
  } catch {
    return result;
  }
}

function isOfText(schema: JsonValue): boolean {
  return typeof schema === "object" && schema !== null && "type" in schema
    ? schema["type"] === "string"
    : false;
}
