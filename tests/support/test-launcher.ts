import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import Docker from "dockerode";
import type { Test } from "tap";
import type { Launchable } from "../../sandbox/container/launchable.ts";
import {
  type LauncherOptions,
  serveLauncher,
} from "../../sandbox/container/launcher/serve-launcher.ts";
import { connectLauncher } from "../../sandbox/container/link/connect-launcher.ts";
import type { Launched, Launcher, LaunchRequest } from "../../sandbox/container/link/launcher.ts";

/** A program and what its manifest says of it. */
export interface TestTool extends Partial<Omit<Launchable, "command">> {
  /** For `sh -c`. */
  readonly script: string;
}

export interface TestLauncher {
  readonly options: LauncherOptions;
  readonly launcher: Launcher;
  /** Holds a workspace in `workspace` and ways out in `out`. */
  readonly folder: string;
  /** What the launcher told whoever runs it. */
  readonly notes: readonly string[];
  readonly request: typeof requestOf;
  launch(change?: Partial<LaunchRequest>): Promise<Launched>;
  /** Names of containers that the engine has of this launcher's instance. */
  names(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** What is given of a launcher: its engine and image, and whatever a test is about. */
export type TestLauncherGiven = Pick<LauncherOptions, "engine"> &
  Partial<LauncherOptions> & {
    readonly image: string;
    readonly tools?: readonly TestTool[];
  };

/** A launcher of a deployment of its own; nothing of it stays. */
export async function testLauncher(t: Test, given: TestLauncherGiven): Promise<TestLauncher> {
  const notes: string[] = [];
  const note = (line: string): void => void notes.push(line);
  const options = { ...testLauncherOptions(t, given), note };
  const served = await serveLauncher(options);
  const launcher = connectLauncher(options.socket, (bug) => void t.fail(String(bug)));
  const close = async (): Promise<void> => {
    await launcher.close();
    await served.close();
  };
  t.teardown(close);
  return {
    ...{ options, launcher, folder: dirname(options.sockets), notes, close, request: requestOf },
    launch: (change) => launcher.launch(requestOf(change), new AbortController().signal),
    names: () => namesOf(options),
  };
}

/** The same before it serves. Of its engine nothing stays. */
function testLauncherOptions(t: Test, given: TestLauncherGiven): LauncherOptions {
  const { image, tools = [{ script: "cat" }], ...changed } = given;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "ringward-lt-")));
  for (const name of ["workspace", "out"]) mkdirSync(join(folder, name), { mode: 0o700 });
  const options: LauncherOptions = {
    socket: join(folder, "link", "launcher.sock"),
    workspace: join(folder, "workspace"),
    sockets: join(folder, "out"),
    launchables: tools.map((tool, index) => launchable(tool, { image, index })),
    instance: folder,
    protectedPaths: [],
    ...changed,
  };
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return options;
}

/** The pin of the tool of that place. */
export function pinOf(index: number): string {
  return index.toString(16).padStart(64, "0");
}

function launchable(
  { script, ...changed }: TestTool,
  { image, index }: { readonly image: string; readonly index: number },
): Launchable {
  return {
    pin: pinOf(index),
    tool: `test.tool-${index}`,
    image,
    command: ["sh", "-c", script],
    tiers: ["container", "gvisor"],
    memoryMb: 32,
    cpuMs: 5_000,
    reads: [],
    isNetworked: false,
    lifecycle: "call",
    ...changed,
  };
}

export function newSlot(): string {
  return randomBytes(16).toString("hex");
}

/** For the first tool. */
export function requestOf(change: Partial<LaunchRequest> = {}): LaunchRequest {
  const limits = { memoryMb: 32, cpuMs: 5_000 };
  const asked = { pin: pinOf(0), slot: newSlot(), tier: "container", limits } as const;
  return { ...asked, mounts: [], network: false, ...change };
}

export async function namesOf({
  engine,
  instance,
}: Pick<LauncherOptions, "engine" | "instance">): Promise<readonly string[]> {
  const docker = new Docker({ socketPath: engine });
  const filters = { label: [`ringward.instance=${instance}`] };
  const found = await docker.listContainers({ all: true, filters });
  return found.flatMap(({ Names }) => Names);
}

/** All that a container says, and how it ended. */
export async function heardOf(launched: Launched): Promise<{
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
}> {
  const said = { stdout: "", stderr: "" };
  launched.onOutput((stream, bytes) => {
    said[stream] += Buffer.from(bytes).toString();
  });
  const { exitCode } = await launched.ended;
  return { ...said, exitCode };
}
