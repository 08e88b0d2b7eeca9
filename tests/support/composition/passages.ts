import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { bundleProgram } from "../bundle.ts";
import { forward } from "./forward.ts";
import type { Neighbours } from "./neighbours.ts";

export interface Passages {
  readonly neighbours: Neighbours;
  /** Of the neighbour that has them. */
  readonly name: string;
  readonly network: string;
  /** Of this process's loopback, and of the neighbour. */
  readonly ports: readonly number[];
}

/**
 * Lets servers of this process be reached in a network of the engine's, which is another than ours:
 * sockets in the file system are the same in both.
 */
export async function openPassages(t: Test, passages: Passages): Promise<void> {
  const { neighbours, name, network, ports } = passages;
  const folder = mkdtempSync(join(tmpdir(), "ringward-passages-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const port of ports) {
    const server = await forward({ path: join(folder, `${port}`) }, { port, host: "127.0.0.1" });
    t.teardown(() => void server.close());
  }
  const program = ["--input-type=module", "-e", inside, ...ports.map(String)];
  await neighbours.run({ name, network, program, binds: [`${folder}:/passages`] });
}

const inside = bundleProgram(new URL("inside-passage.ts", import.meta.url));
