import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import Fastify from "fastify";

/** A tool server with no rings at all: Fastify before two processes that run `isolated-vm`. */
const flags = ["--no-node-snapshot"];
const workers = [startWorker(), startWorker()];
const waiting = new Map<number, (output: unknown) => void>();
let next = 0;

const app = Fastify();
app.post("/", (request) => runOn(next % workers.length, request.body as { code: string }));
const address = await app.listen({ host: "127.0.0.1", port: 0 });
process.send?.({ url: `${address}/` });
process.on("disconnect", () => process.exit(0));

function startWorker(): ChildProcess {
  const worker = fork(join(import.meta.dirname, "worker.js"), { execArgv: flags });
  worker.on("message", ({ id, output }: { id: number; output: unknown }) => {
    waiting.get(id)?.({ status: "completed", output });
    waiting.delete(id);
  });
  return worker;
}

function runOn(index: number, { code }: { code: string }): Promise<unknown> {
  next += 1;
  const id = next;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    workers[index]?.send({ id, code });
  });
}
