// Runs in the agent's container: proposes calls, and then tries everything else. Told on standard
// input, answers on standard output.
import { createSocket } from "node:dgram";
import { promises as dns } from "node:dns";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { text } from "node:stream/consumers";
import type { createClient } from "../../../agent/client.ts";
import type { Report, Told, Way } from "./agent-report.ts";

const clientOfImage = "/opt/node_modules/ringward/dist/agent/client.js";
const told = JSON.parse(await text(process.stdin)) as Told;
const report: Report = {
  calls: await propose(),
  reached: await those(told.ways, isReached),
  resolved: await those(told.names, isResolved),
  read: await those(told.reads, isRead),
  written: await those(told.writes, isWritten),
  interfaces: Object.keys(networkInterfaces()).sort(),
  programs: await programs(),
};
process.stdout.write(JSON.stringify(report));

interface AgentClient {
  readonly createClient: typeof createClient;
}

async function propose(): Promise<Report["calls"]> {
  const { createClient: create } = (await import(clientOfImage)) as AgentClient;
  const client = create({ baseUrl: told.gateway, token: told.token });
  const calls: Report["calls"][number][] = [];
  for (const proposal of told.proposals) {
    const { tool, status, tier, code } = await client.propose(told.session, proposal);
    calls.push({ tool, status, ...(tier && { tier }), ...(code && { code }) });
  }
  return calls;
}

async function those<T>(all: readonly T[], test: (one: T) => Promise<boolean>): Promise<T[]> {
  const passed = await Promise.all(all.map((one) => test(one).catch(() => false)));
  return all.filter((_, index) => passed[index]);
}

async function isReached({ protocol, host, port }: Way): Promise<boolean> {
  if (protocol === "udp") return await isAnswered(host, port);
  return await isConnected(connect(protocol === "unix" ? { path: host } : { host, port }));
}

function isConnected(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once("connect", () => socket.destroy() && resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
    setTimeout(() => socket.destroy(), told.patienceMs);
  });
}

function isAnswered(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.once("message", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.send("is anybody there", port, host, (error) => error && resolve(false));
    setTimeout(() => {
      socket.close();
      resolve(false);
    }, told.patienceMs);
  });
}

async function isResolved(name: string): Promise<boolean> {
  const resolver = new dns.Resolver({ timeout: told.patienceMs, tries: 1 });
  return (await resolver.resolve4(name)).length > 0;
}

async function isRead(path: string): Promise<boolean> {
  const names = await readdir(path).catch(() => undefined);
  if (names !== undefined) return names.length > 0;
  return (await readFile(path)).length > 0;
}

async function isWritten(path: string): Promise<boolean> {
  const isFolder = await readdir(path).then(
    () => true,
    () => false,
  );
  await writeFile(isFolder ? `${path}/written` : path, "by the agent");
  return true;
}

async function programs(): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => ""));
  return (await Promise.all(lines)).map((line) => line.split("\0")[0] ?? "").sort();
}
