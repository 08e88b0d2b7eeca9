import { createServer, type Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { hostDied } from "./line-peer.ts";
import { canary, type Peer, type RunningPeer } from "./peer.ts";
import { settled } from "./settled.ts";
import { type ProcessWalls, wallsOfBusiest } from "./walls.ts";

/** What became of everything that a hostile guest tried. */
export interface Matrix {
  /** Computing without end, and a pattern that backtracks without end. */
  readonly loop: Endless;
  readonly regex: Endless;
  /** 256 MiB of objects, and of buffers. */
  readonly heap: Held;
  readonly buffers: Held;
  /** A server on the loopback of the machine, a file of the caller's, the caller's environment. */
  readonly network: Reached;
  readonly file: Reached;
  readonly environment: Reached;
  /** Absent where no busy process was found. */
  readonly walls?: ProcessWalls;
}

export interface Held {
  /** `runs on`: not ended within the patience of this bench, which then killed it. */
  readonly end: "stopped" | "not stopped" | "runs on" | "host died";
  /** Whether another call was answered after it. */
  readonly othersAfterwards: boolean;
  readonly said: string;
}

export interface Endless extends Held {
  /** Whether another call was answered before this one had ended. */
  readonly othersMeanwhile: boolean;
}

export interface Reached {
  readonly reached: boolean;
  readonly said: string;
}

const patienceMs = 5_000;

/** Each of the attempts that may hurt meets a peer that was just started. */
export async function tryAttempts(peer: Peer, code: string, file: string): Promise<Matrix> {
  const server = await listen();
  try {
    const { port } = server.address() as { readonly port: number };
    const { walls, ...loop } = await withPeer(peer, code, tryLoop);
    const hold = (attempt: string): Promise<Held> =>
      withPeer(peer, code, (running) => tryHold(running, attempt));
    const reach = (input: object, wanted: string): Promise<Reached> =>
      withPeer(peer, code, (running) => tryReach(running, input, wanted));
    return {
      loop,
      regex: await withPeer(peer, code, (running) => tryEndless(running, "regex")),
      heap: await hold("heap"),
      buffers: await hold("buffers"),
      network: await reach({ attempt: "network", port }, loopbackAnswer),
      file: await reach({ attempt: "file", path: file }, canary.value),
      environment: await reach({ attempt: "environment", name: canary.name }, canary.value),
      ...(walls && { walls }),
    };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const loopbackAnswer = "reached";

function listen(): Promise<Server> {
  const server = createServer((_, response) => response.end(loopbackAnswer));
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

async function withPeer<Result>(
  peer: Peer,
  code: string,
  use: (running: RunningPeer) => Promise<Result>,
): Promise<Result> {
  const running = await peer.start(code);
  try {
    // What it starts with its first call stands before it is attacked.
    await running.call(harmless);
    return await use(running);
  } finally {
    await running.stop();
  }
}

const harmless = '{"attempt":"nothing"}';

async function tryLoop(peer: RunningPeer): Promise<Endless & { readonly walls?: ProcessWalls }> {
  const looking = sleep(lookAfterMs).then(() => wallsOfBusiest(peer));
  const held = await tryEndless(peer, "loop");
  const walls = await looking;
  return { ...held, ...(walls && { walls }) };
}

const lookAfterMs = 800;

async function tryEndless(peer: RunningPeer, attempt: string): Promise<Endless> {
  let isOver = false;
  const other = sleep(otherAfterMs)
    .then(() => settled(peer.call(harmless), patienceMs))
    .then(({ output }) => output !== undefined && !isOver);
  const held = await tryHold(peer, attempt, () => {
    isOver = true;
  });
  return { ...held, othersMeanwhile: await other };
}

/** Where the peer has a limit the call ends with it; where it has none, the patience ends. */
async function tryHold(
  peer: RunningPeer,
  attempt: string,
  over: () => void = () => {},
): Promise<Held> {
  const { output, error } = await settled(peer.call(JSON.stringify({ attempt })), patienceMs);
  over();
  const afterwards = await settled(peer.call(harmless), otherWaitMs);
  return {
    end: endOf(output, error),
    othersAfterwards: afterwards.output !== undefined,
    said: (output ?? error ?? "").slice(0, 120),
  };
}

const otherAfterMs = 150;
const otherWaitMs = 3_000;

function endOf(output: string | undefined, error: string | undefined): Held["end"] {
  if (output !== undefined) return "not stopped";
  if (error === undefined) return "runs on";
  return error.includes(hostDied) || /fetch failed/.test(error) ? "host died" : "stopped";
}

async function tryReach(peer: RunningPeer, input: object, wanted: string): Promise<Reached> {
  const { output, error } = await settled(peer.call(JSON.stringify(input)), patienceMs);
  const said = output ?? error ?? "no answer";
  return { reached: output?.includes(wanted) ?? false, said: said.slice(0, 120) };
}
