import { chmodSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Test } from "tap";
import type { Grant } from "../../manifests/grant.ts";
import { type ContainerTier, containerTiers } from "../../manifests/tier.ts";
import type { Sandbox, SandboxResult } from "../../sandbox/sandbox.ts";
import { processesOf } from "../container-calls-cases.ts";
import { inContainer } from "../container-calls-fixtures.ts";
import { busyboxImage } from "../support/busybox-image.ts";
import { engineWith, type TestEngine } from "../support/engine.ts";
import { pinOf, type TestLauncher, testLauncher } from "../support/test-launcher.ts";
import { openSandbox } from "../support/test-sandbox.ts";
import { type AttackId, endingsOf } from "./catalogue.ts";

/** What an attacker's program does, in the words of a shell; what it prints is its answer. */
export type Programs = Readonly<Record<string, string>>;

export interface Attacked {
  readonly tier: ContainerTier;
  readonly launcher: TestLauncher;
  readonly sandbox: Sandbox;
  /**
   * One call of a program, which has to end as the catalogue says; after the first of each attack
   * calls of the same and of another principal have to be answered. What it printed is empty where it
   * could not answer.
   */
  attack(id: AttackId, program: string, change?: Partial<Grant>): Promise<Answer>;
}

export interface Answer {
  readonly said: string;
  readonly result: SandboxResult;
}

export interface AttackOptions {
  readonly programs: Programs;
  /** Another one than a small one with busybox alone; by its id. */
  readonly image?: (engine: TestEngine) => Promise<string>;
  /** A program of the host's that each sees at `/workspace/tool`. */
  readonly tool?: string;
}

type Testing = (name: string, run: (t: Test) => Promise<void>) => unknown;

/** On each tier whose runtime is here: the program's calls, and that nothing of them stays. */
export function onEachTier(
  test: Testing,
  options: (t: Test) => AttackOptions | undefined,
  run: (t: Test, attacked: Attacked) => Promise<void>,
): void {
  const open: Open<Attacked> = async (t, engine, tier) => {
    const chosen = options(t);
    return chosen && (await openAttacked(t, engine, { tier, ...chosen }));
  };
  eachTier(test, open, run);
}

/** What calls are made in. */
export type Opened = Pick<Attacked, "tier" | "launcher" | "sandbox">;

export type Open<Given extends Opened> = (
  t: Test,
  engine: TestEngine,
  tier: ContainerTier,
) => Promise<Given | undefined>;

/** The same for calls of any kind. */
export function eachTier<Given extends Opened>(
  test: Testing,
  open: Open<Given>,
  run: (t: Test, given: Given) => Promise<void>,
): void {
  for (const tier of containerTiers) {
    test(`in the tier \`${tier}\``, async (t) => {
      const engine = await engineWith(t, tier);
      const opened = engine && (await open(t, engine, tier));
      if (!opened) return;
      await run(t, opened);
      await opened.sandbox.close();
      t.strictSame(await lastNames(opened.launcher), [], "no container stays");
      const { sockets } = opened.launcher.options;
      t.strictSame(readdirSync(sockets), [], "and no way out");
    });
  }
}

/** An engine tidies up behind gVisor for a while when nothing runs any more. */
async function lastNames({ names }: TestLauncher): Promise<readonly string[]> {
  for (let looks = 0; looks < 600; looks += 1) {
    if ((await names()).length === 0) return [];
    await pause(100);
  }
  return await names();
}

/** Stands on the host where no container looks; in nothing that one says. */
const canary = "canary-7f3c9a";

export function plantCanary({ options, folder }: TestLauncher): void {
  for (const place of [options.workspace, folder]) {
    writeFileSync(join(place, "canary"), canary, { mode: 0o644 });
  }
}

/** Whatever a call did: it told nothing of the host's, and nothing of it runs. */
export function leavesNothing(t: Test, call: string, result: SandboxResult): void {
  t.notMatch(JSON.stringify(result), canary, `${call}: nothing of the host's is told`);
  const { container = "none" } = result.ranIn ?? {};
  t.strictSame(processesOf(container), [], `${call}: nothing runs any more`);
}

async function openAttacked(
  t: Test,
  engine: TestEngine,
  { tier, programs, tool, image = busyboxImage }: AttackOptions & { readonly tier: ContainerTier },
): Promise<Attacked> {
  const names = [...Object.keys(programs), "benign"];
  const launcher = await testLauncher(t, {
    engine: engine.socket,
    image: await image(engine),
    tools: [...Object.values(programs), "echo fine"].map((program) => ({
      script: answering(program),
      memoryMb: 64,
      reads: [{ path: "tool", access: "read" }],
      isNetworked: true,
    })),
  });
  const { workspace } = launcher.options;
  if (tool !== undefined) {
    copyFileSync(tool, join(workspace, "tool"));
    chmodSync(join(workspace, "tool"), 0o755);
  }
  plantCanary(launcher);
  mkdirSync(join(workspace, "data"), { mode: 0o777 });
  const sandbox = openSandbox(t, launcher, { tier });
  const call = (name: string, change: Partial<Grant>): Promise<SandboxResult> => {
    const grant = { ...grantOf({ tier, index: names.indexOf(name), tool }), ...change };
    return sandbox.run({ grant, code: "", input: "{}" }, new AbortController().signal);
  };
  return { tier, launcher, sandbox, attack: attackWith(t, call) };
}

/** Of the tool of that place, which sees the program of the host's where there is one. */
function grantOf({ tier, index, tool }: GrantOptions): Grant {
  return inContainer({
    toolPin: pinOf(index),
    sandbox: { tier, author: "operator", jit: false },
    limits: { wallMs: 20_000, cpuMs: 5_000, memoryMb: 64, outputKb: 256 },
    permissions: { net: [], fs: tool === undefined ? [] : [{ path: "tool", access: "read" }] },
  });
}

interface GrantOptions {
  readonly tier: ContainerTier;
  readonly index: number;
  readonly tool: string | undefined;
}

function attackWith(
  t: Test,
  call: (name: string, change: Partial<Grant>) => Promise<SandboxResult>,
): Attacked["attack"] {
  const tried = new Set<AttackId>();
  return async (id, program, change = {}) => {
    const result = await call(program, change);
    const ending = result.kind === "output" ? "completed" : result.code;
    t.ok(endingsOf(id).includes(ending), `${id} ${program} ends with ${ending}: ${detail(result)}`);
    leavesNothing(t, `${id} ${program}`, result);
    const principals = tried.has(id) ? [] : ["agent", "other"];
    tried.add(id);
    const calls = principals.map((principal) => call("benign", { principal }));
    for (const after of await Promise.all(calls)) {
      t.equal(saidIn(after), "fine\n", `${id} ${program}: others are served`);
    }
    return { said: saidIn(result), result };
  };
}

export function detail(result: SandboxResult): string {
  return result.kind === "failed" ? result.detail : "";
}

function saidIn(result: SandboxResult): string {
  if (result.kind !== "output") return "";
  return Buffer.from(String(JSON.parse(result.output)), "base64").toString();
}

/** Reads its line, runs the program, and answers with what that printed. */
function answering(program: string): string {
  return `
read -r LINE; NONCE=\${LINE#*nonce\\":\\"}; NONCE=\${NONCE%%\\"*}
( ${program}
) > /tmp/said 2>&1 < /dev/null
printf '{"nonce":"%s","output":"%s"}' "$NONCE" "$(base64 /tmp/said | tr -d '\\n')"`;
}
