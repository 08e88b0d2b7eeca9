import type { Manifest } from "../manifests/manifest.ts";
import {
  compilePolicies,
  type PolicyEngine,
  type PolicySource,
  readPolicies,
} from "../policies/engine.ts";
import type { PolicyRequest } from "../policies/request.ts";
import { sampleRequest, sampleTool } from "../policies/testing.ts";
import { quantile } from "./quantile.ts";

/** Microseconds. */
export interface Spread {
  readonly median: number;
  readonly p99: number;
}

export interface DecideFigures {
  readonly policies: number;
  /** A decision found in the cache, with the making of its key. */
  readonly hit: Spread;
  /** A decision made: key, encoding and Cedar, with the slice already parsed. */
  readonly miss: Spread;
  /** The first decision of a slice, which parses the slice's policies. */
  readonly cold: Spread;
  /** To parse, validate and index all policies when the gateway starts. */
  readonly compileMs: number;
}

/**
 * Times decisions as a deployment with many policies has them: the shipped ones, and around them
 * rules for one tool and one group, for one person, and for everybody in a group.
 */
export async function benchDecide(): Promise<{ readonly decideUs: readonly DecideFigures[] }> {
  const shipped = await readPolicies();
  measure(50, shipped); // Warms up the compilers of JavaScript and WebAssembly.
  return { decideUs: [10, 500, 5_000].map((count) => measure(count, shipped)) };
}

const toolCount = 50;
const groupCount = 40;
const requestCount = 2_000;

function measure(count: number, shipped: readonly PolicySource[]): DecideFigures {
  const sources = [...shipped, ownPolicies(count - countOf(shipped))];
  const started = performance.now();
  const engine = compilePolicies(sources, tools);
  const compileMs = Math.round(performance.now() - started);
  const first = requests("first");
  const cold = coldSpread(engine, first);
  const others = requests("second");
  const miss = spread(others.flatMap((request) => missUs(engine, request)));
  const hit = spread(others.map((request) => timeUs(engine, request)));
  return { policies: count, hit, miss, cold, compileMs };
}

function countOf(sources: readonly PolicySource[]): number {
  return sources.reduce((sum, { text }) => sum + text.split("@id(").length - 1, 0);
}

const tools: readonly Manifest[] = Array.from({ length: toolCount }, (_, index) => {
  const path = { type: "string" };
  const effects = index % 3 === 0 ? (["write"] as const) : (["read"] as const);
  return sampleTool(`tool-${index}`, { path, text: path }, { effects });
});

function ownPolicies(count: number): PolicySource {
  const texts = Array.from({ length: count }, (_, index) => policyText(index));
  return { file: "bench.cedar", text: texts.join("\n") };
}

function policyText(index: number): string {
  const head = `@id("own-${index}") @reason("for the benchmark")`;
  const tool = `action == Action::"tool-${index % toolCount}"`;
  const group = `principal in Group::"group-${Math.floor(index / toolCount) % groupCount}"`;
  const path = `context.args has path && context.args.path like "area-${index % 7}/*"`;
  if (index % 20 === 0)
    return `${head} forbid (principal == Agent::"a${index}", ${tool}, resource);`;
  if (index % 3 === 0) return `${head} forbid (${group}, ${tool}, resource) when { ${path} };`;
  return `${head} permit (${group}, ${tool}, resource) when { ${path} || !resource.tainted };`;
}

/** Agents of two groups each, every call with a path of its own. */
function requests(folder: string): readonly PolicyRequest[] {
  return Array.from({ length: requestCount }, (_, index) => {
    const groups = [`group-${index % groupCount}`, `group-${(index * 7 + 1) % groupCount}`];
    return sampleRequest(`tool-${index % toolCount}`, {
      principal: { id: `agent-${index % 300}`, groups },
      session: { id: `session-${index}`, tainted: true, confidentiality: "internal" },
      arguments: { path: `${folder}/${index}.md`, text: "x".repeat(500) },
      roles: { path: { weakest: "task", count: 1 }, content: { weakest: "derived", count: 1 } },
      needs: { hosts: [], reads: [`${folder}/${index}.md`], writes: [] },
    });
  });
}

/** Not every request meets a new slice: those that do take longest. */
function coldSpread(engine: PolicyEngine, all: readonly PolicyRequest[]): Spread {
  const times = new Map<string, number>();
  for (const request of all) {
    const key = JSON.stringify([request.tool, request.principal.groups]);
    const taken = timeUs(engine, request);
    if (!times.has(key)) times.set(key, taken);
  }
  return spread([...times.values()]);
}

/** Nothing where the policies of the slice read nothing that is new in the request. */
function missUs(engine: PolicyEngine, request: PolicyRequest): readonly number[] {
  const { misses } = engine.stats;
  const taken = timeUs(engine, request);
  return engine.stats.misses > misses ? [taken] : [];
}

function timeUs(engine: PolicyEngine, request: PolicyRequest): number {
  const started = process.hrtime.bigint();
  engine.decide(request);
  return Number(process.hrtime.bigint() - started) / 1_000;
}

function spread(timesUs: readonly number[]): Spread {
  const at = (part: number): number => Math.round(quantile(timesUs, part) * 10) / 10;
  return { median: at(0.5), p99: at(0.99) };
}
