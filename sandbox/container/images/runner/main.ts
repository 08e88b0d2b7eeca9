// `/ringward/run` of the image `node`: runs inside a container, imported by nobody. The code of the
// call has a thread of its own, which is there before the call is, so that code that ends its
// process, throws or fills its memory still gets an answer.
import { readSync, writeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { pack, unpack } from "./files.ts";
import type { Outcome, Task } from "./guest.ts";
import { Output } from "./output.ts";
import { environmentOf } from "./way-out.ts";

interface Told {
  readonly nonce: string;
  readonly arguments: unknown;
  readonly code?: string;
  readonly credential?: string;
  readonly files?: Readonly<Record<string, string>>;
}

const answerDescriptor = 3;
/** Of Node itself, beside the heap of the code. */
const nodeMb = 64;
const heapMbLeast = 32;

const guest = new Worker(new URL("./guest.js", import.meta.url), {
  stdout: true,
  stderr: true,
  resourceLimits: { maxOldGenerationSizeMb: heapMb() },
});
const stdout = new Output(guest.stdout);
const stderr = new Output(guest.stderr);
await new Promise((resolve) => guest.once("message", resolve));

const told = JSON.parse(readInput()) as Told;
const outcome = await run(told).catch(failure);
writeAll(answerDescriptor, JSON.stringify({ nonce: told.nonce, ...outcome }));
process.exit(0);

function readInput(): string {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.allocUnsafe(65_536);
    const bytes = readSync(0, chunk);
    chunks.push(chunk.subarray(0, bytes));
    if (bytes === 0 || chunk[bytes - 1] === 0x0a) return Buffer.concat(chunks).toString();
  }
}

async function run({ files, ...call }: Told): Promise<object> {
  const brought = files && unpack(files);
  const environment = await environmentOf(call.credential);
  const ended = await outcomeOf({ ...call, environment });
  if ("error" in ended) {
    writeAll(2, stderr.text());
    return ended;
  }
  const output: unknown = JSON.parse(ended.output);
  const shown = call.code === undefined ? beside(output) : output;
  return { output: shown, ...(brought && { files: pack(brought) }) };
}

function failure(error: unknown): object {
  return { error: error instanceof Error ? error.message : String(error) };
}

function outcomeOf(task: Task): Promise<Outcome> {
  return new Promise((resolve) => {
    guest.on("message", resolve);
    guest.on("error", (error: Error) => resolve({ error: `${error.name}: ${error.message}` }));
    guest.on("exit", (code) =>
      resolve({ error: `the code ended its process, with exit code ${code}` }),
    );
    guest.postMessage(task);
  });
}

/** What the code printed goes to whoever called, too. */
function beside(output: unknown): object {
  const printed = { stdout: stdout.text(), stderr: stderr.text() };
  return { output, ...printed, truncated: stdout.isCut || stderr.isCut };
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

function heapMb(): number {
  const mb = Math.floor(process.constrainedMemory() / 2 ** 20);
  return Math.max(heapMbLeast, mb - nodeMb);
}
