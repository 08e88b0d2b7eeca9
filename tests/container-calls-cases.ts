import { readdirSync, readFileSync } from "node:fs";
import type { Test } from "tap";
import type { RefusalCode } from "../manifests/refusals.ts";
import type { ContainerTier } from "../manifests/tier.ts";
import type { Sandbox, SandboxResult } from "../sandbox/sandbox.ts";
import { inContainer } from "./container-calls-fixtures.ts";
import { busyboxImage } from "./support/busybox-image.ts";
import type { TestEngine } from "./support/engine.ts";
import { pinOf, type TestLauncher, testLauncher } from "./support/test-launcher.ts";
import { openSandbox } from "./support/test-sandbox.ts";

/** A program, what it is, and what has to come of it. */
export interface EngineCase {
  readonly does: string;
  /** For `sh -c`. `$ANSWER` is a good answer; what reads its line has `$NONCE` too. */
  readonly script: string;
  /** Of the failure; absent where there is an output. */
  readonly code?: RefusalCode;
  readonly wallMs?: number;
  readonly cpuMs?: number;
}

/** Reads its line, knows what to answer, and does the rest. */
function told(rest: string): string {
  return `read -r LINE; NONCE=$(echo "$LINE" | cut -d '"' -f 4); ${answers}; ${rest}`;
}

const answers = String.raw`ANSWER="{\"nonce\":\"$NONCE\",\"output\":3}"`;

export const engineCases: readonly EngineCase[] = [
  { does: "answers and ends", script: told('echo "$ANSWER"') },
  { does: "answers and goes on", script: told('echo "$ANSWER"; while :; do sleep 1; done') },
  {
    does: "answers and leaves others behind",
    script: told('sleep 600 & setsid sleep 600 & echo "$ANSWER"'),
  },
  {
    does: "answers in pieces",
    script: told('echo; echo "$ANSWER" | while read -r -n 9 PART; do printf %s "$PART"; done'),
  },
  { does: "answers and fails", script: told('echo "$ANSWER"; exit 3') },
  { does: "says nothing", script: told(":"), code: "OUTPUT_UNREADABLE" },
  { does: "says a word", script: told("echo hello"), code: "OUTPUT_UNREADABLE" },
  { does: "answers twice", script: told('echo "$ANSWER$ANSWER"'), code: "OUTPUT_UNREADABLE" },
  {
    does: "answers another call",
    script: told('echo "$ANSWER" | tr 0-9a-f 1-9a-f0'),
    code: "OUTPUT_UNREADABLE",
  },
  { does: "says half of it", script: told('echo "{"; sleep 0.1'), code: "OUTPUT_CUT" },
  {
    does: "fails, and says why",
    script: told("echo no such city >&2; exit 2"),
    code: "GUEST_ERROR",
  },
  { does: "is not there", script: told("exec /bin/nowhere"), code: "GUEST_ERROR" },
  { does: "kills itself", script: told("kill -SEGV $$"), code: "SANDBOX_CRASH" },
  {
    does: "computes",
    script: told("while :; do :; done"),
    code: "TIMEOUT_CPU",
    cpuMs: 1_000,
    wallMs: 20_000,
  },
  {
    does: "computes in many processes",
    script: told("for N in 1 2 3 4; do while :; do :; done & done; wait"),
    code: "TIMEOUT_CPU",
    cpuMs: 1_000,
    wallMs: 20_000,
  },
  {
    does: "fills its memory",
    script: told("exec dd if=/dev/zero of=/dev/null bs=200M count=1"),
    code: "OOM",
  },
  { does: "sleeps", script: told("sleep 600"), code: "TIMEOUT_WALL", wallMs: 300 },
  {
    does: "shuts its outputs and sleeps",
    script: told("exec >&- 2>&-; sleep 600"),
    code: "TIMEOUT_WALL",
    wallMs: 300,
  },
  { does: "never reads its line", script: "sleep 600", code: "TIMEOUT_WALL", wallMs: 300 },
  { does: "says no end of zeros", script: told("cat /dev/zero"), code: "OUTPUT_UNREADABLE" },
  {
    does: "says no end of one document",
    script: told('printf "{\\""; yes'),
    code: "OUTPUT_LIMIT",
  },
  {
    does: "logs without end",
    script: told("yes >&2"),
    code: "OUTPUT_LIMIT",
    wallMs: 20_000,
  },
];

/** Each case ends as it should, and nothing of it is left. */
export async function eachEnds(t: Test, engine: TestEngine, tier: ContainerTier): Promise<void> {
  const { call, sandbox, launcher } = await engineCalls(t, engine, tier);
  for (const one of engineCases) {
    const result = await call(one);
    const { container = "" } = result.ranIn ?? {};
    t.strictSame(processesOf(container), [], `${one.does}: nothing runs any more`);
    const expected = one.code ? { kind: "failed", code: one.code } : { output: "3" };
    t.match(result, expected, `a program that ${one.does}`);
    const { cpuMs = 0 } = one;
    if (one.code === "TIMEOUT_CPU") {
      t.ok(result.usage.cpuMs > cpuMs / 2, "and what it used is told");
    }
  }
  await sandbox.close();
  t.strictSame(await launcher.names(), [], "no container stays");
}

interface EngineCalls {
  readonly sandbox: Sandbox;
  readonly launcher: TestLauncher;
  call(case_: EngineCase): Promise<SandboxResult>;
}

/** A container sandbox on a real engine, with a tool for each case. */
async function engineCalls(t: Test, engine: TestEngine, tier: ContainerTier): Promise<EngineCalls> {
  const tools = engineCases.map(({ script }) => ({ script }));
  const image = await busyboxImage(engine);
  const launcher = await testLauncher(t, { engine: engine.socket, image, tools });
  const sandbox = openSandbox(t, launcher, { tier, containers: 1 });
  return {
    ...{ sandbox, launcher },
    call: (case_) => {
      const { wallMs = 10_000, cpuMs = 5_000 } = case_;
      const grant = inContainer({
        toolPin: pinOf(engineCases.indexOf(case_)),
        sandbox: { tier, author: "operator", jit: false },
        limits: { wallMs, cpuMs, memoryMb: 32, outputKb: 64 },
      });
      return sandbox.run({ grant, code: "", input: "{}" }, new AbortController().signal);
    },
  };
}

/** Numbers of processes of this machine that belong to a container. */
export function processesOf(container: string): readonly string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isOf(container, name));
}

function isOf(container: string, process: string): boolean {
  try {
    const stat = readFileSync(`/proc/${process}/stat`, "latin1");
    const [state, , , , , , flags] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // What the kernel still tidies up runs no instruction of a program any more.
    const isOver = state === "Z" || (Number(flags) & exiting) !== 0;
    return !isOver && readFileSync(`/proc/${process}/cgroup`, "utf8").includes(container);
  } catch {
    return false;
  }
}

/** As the kernel marks a process from the beginning of its end. */
const exiting = 4;
