import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Test, test } from "tap";
import type { JsonValue } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { jailCommand, type LauncherName, launchers } from "../../sandbox/isolate/jail/jail.ts";
import { spawnJailed } from "../../sandbox/isolate/jail/spawn-jailed.ts";
import { workerSource } from "../../sandbox/isolate/jail/worker-source.ts";
import { startWorker, type WorkerProcess } from "../../sandbox/isolate/pool/worker-process.ts";
import { encodeFrame, FrameDecoder } from "../../sandbox/isolate/protocol/frame-decoder.ts";
import { bundleProgram } from "../support/bundle.ts";
import type { Aims } from "./escaped-worker/ways.ts";

const canary = "canary-4f1c2b9d7e";

type Results = Readonly<Record<string, string>>;

for (const launcher of launchers()) {
  test(`attack: a worker that was taken over gets nothing of the machine (${launcher})`, (t) =>
    getsNothing(launcher, t));
}

async function getsNothing(launcher: LauncherName, t: Test): Promise<void> {
  const other = await startOther(t);
  const { aims, visits } = await layOut(t, other.pid);
  const { "the call's frame": frame, ...ways } = await breakOut(jailed(launcher), aims);
  for (const [way, got] of Object.entries(ways)) t.notMatch(got, /^GOT |canary/, `${way}: ${got}`);
  t.ok(Object.keys(ways).length >= 40, "at least forty ways were tried");
  t.notMatch(frame, /grant|session|principal|token|secret/, "its call says nothing of rights");
  t.equal(visits(), 0, "nobody came to the server");
  t.ok(other.isAlive, "the other worker lives");
}

test("without the jail the same ways lead out, so they are ways", async (t) => {
  const { aims, visits } = await layOut(t, process.pid);
  const results = await breakOut(unjailed(), { ...aims, ways: leadOut });
  for (const way of leadOut) t.ok(results[way]?.startsWith("GOT "), way);
  t.ok(results["files: the secret by its path"]?.includes(canary), "and the secret is read");
  t.ok(visits() > 0, "somebody came to the server");
});

/** Those that harm nobody where no wall stands. */
const leadOut = [
  "network: TCP to the gateway's machine",
  "network: UDP",
  "network: a socket file",
  "network: an abstract socket",
  "files: the secret by its path",
  "files: the secret by the gateway's root",
  "files: the secret by climbing",
  "files: the machine's users",
  "files: the gateway's environment",
  "processes: a shell",
  "processes: a program of the system",
  "processes: more than its limit",
  "signals: to the gateway",
  "signals: to another worker",
  "signals: to its parent",
  "memory: of another worker",
  "memory: of the gateway",
  "memory: shared with anybody",
  "memory: machine code",
  "rights: more descriptors than its limit",
  "rights: other processes seen",
  "network: by a thread",
];

interface Laid {
  readonly aims: Aims;
  readonly visits: () => number;
}

/** Everything that an attacker could want, within reach of whoever has no wall around him. */
async function layOut(t: Test, otherWorkerPid: number): Promise<Laid> {
  // A socket's path has to be short.
  const folder = mkdtempSync(join(tmpdir(), "ringward-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const secretPath = join(folder, "secret");
  writeFileSync(secretPath, canary);
  const socketPath = join(folder, "socket");
  const abstractSocket = randomUUID();
  const places = [{ host: "127.0.0.1", port: 0 }, socketPath, `\0${abstractSocket}`];
  const servers = await Promise.all(places.map((place) => listen(place, t)));
  const port = Math.max(...servers.map((server) => server.port));
  return {
    aims: {
      ...{ port, socketPath, secretPath, abstractSocket, otherWorkerPid, gatewayPid: process.pid },
      addressSpaceBytes: limits.workerAddressSpaceBytes,
      openFiles: limits.workerOpenFiles,
      processes: limits.workerProcesses,
    },
    visits: () => servers.reduce((sum, { visits }) => sum + visits(), 0),
  };
}

interface Listening {
  readonly port: number;
  readonly visits: () => number;
}

async function listen(place: object | string, t: Test): Promise<Listening> {
  let visits = 0;
  const server = createServer((socket) => {
    visits += 1;
    socket.destroy();
  });
  server.listen(place as string);
  await once(server, "listening");
  t.teardown(() => server.close());
  const address = server.address();
  return { port: typeof address === "object" ? (address?.port ?? 0) : 0, visits: () => visits };
}

/** Speaks to the program as the gateway does to a worker, and says what each way brought. */
async function breakOut(child: ChildProcessWithoutNullStreams, aims: Aims): Promise<Results> {
  const late = setTimeout(() => child.kill("SIGKILL"), limits.wallMsCeiling);
  const decoder = new FrameDecoder();
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint += chunk.toString("utf8");
  });
  child.stdin.on("error", () => {});
  child.stdin.write(encodeFrame({ channel: "start" }));
  child.stdin.write(encodeFrame({ channel: "call", input: JSON.stringify(aims) }));
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      for (const { channel, said } of decoder.push(chunk)) {
        if (channel === "call") return JSON.parse(String((said as JsonValue[])[1])) as Results;
      }
    }
    throw new Error(`the program said nothing: ${complaint}`);
  } finally {
    clearTimeout(late);
    child.kill("SIGKILL");
  }
}

function jailed(launcher: LauncherName): ChildProcessWithoutNullStreams {
  const jail = jailCommand(
    bundleProgram(new URL("./escaped-worker/program.ts", import.meta.url)),
    [],
    { launcher },
  );
  if (!jail) throw new Error("no jail");
  return spawnJailed(jail);
}

function unjailed(): ChildProcessWithoutNullStreams {
  const args = [
    "--input-type=module",
    "--eval",
    bundleProgram(new URL("./escaped-worker/program.ts", import.meta.url)),
    "no addon",
    "",
  ];
  return spawn(process.execPath, args, { stdio: "pipe" });
}

/** A worker as the pool has it, with a guest's memory in it. */
async function startOther(t: Test): Promise<WorkerProcess> {
  const jail = jailCommand(workerSource("main"));
  if (!jail) throw new Error("no jail");
  const worker = await startWorker(jail, 32);
  t.teardown(() => worker.kill());
  return worker;
}
