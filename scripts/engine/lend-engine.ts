import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { ContainerEngine } from "./container-engine.ts";
import { endLeftovers } from "./leftovers.ts";

/** One engine for many processes, which is started when the first of them asks for it. */
export interface LentEngine {
  /** For the environment of those that may ask: its folder. */
  readonly environment: { readonly RINGWARD_TEST_ENGINE?: string };
  /** Resolves when nothing is left of it, nor of engines that were made in its folder. */
  close(): Promise<void>;
}

/** Where there can be none those that ask find out by themselves why. */
export function lendEngine(): LentEngine {
  if (ContainerEngine.lack() !== undefined)
    return { environment: {}, close: async () => undefined };
  const folder = newEngineFolder(tmpdir());
  const lender = new Lender(folder);
  return { environment: { RINGWARD_TEST_ENGINE: folder }, close: () => lender.close() };
}

/** Where the engine listens that is lent in a folder. @throws {Error} why there is none. */
export async function borrowEngine(folder: string): Promise<string> {
  const lack = await ask(join(folder, "ask.sock"));
  if (lack !== "") throw new Error(lack);
  return join(folder, "docker.sock");
}

/** Its name is no other engine's; control groups go by it. */
export function newEngineFolder(parent: string): string {
  return mkdtempSync(join(parent, "ringward-engine-"));
}

class Lender {
  readonly #folder: string;
  readonly #server: Server;
  #engine: ContainerEngine | undefined;
  #lack: Promise<string> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    this.#server = createServer(async (asking) => {
      asking.on("error", () => undefined);
      this.#lack ??= this.#start();
      asking.end(await this.#lack);
    });
    this.#server.listen(join(folder, "ask.sock"));
  }

  async close(): Promise<void> {
    this.#server.close();
    await this.#lack;
    for (const name of readdirSync(this.#folder)) {
      if (name.startsWith("ringward-engine-")) await endLeftovers(join(this.#folder, name));
    }
    await this.#engine?.remove();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  /** Says nothing where it runs, and else why it does not. */
  async #start(): Promise<string> {
    try {
      this.#engine = new ContainerEngine(this.#folder);
      await this.#engine.start();
      return "";
    } catch (error) {
      return String(error);
    }
  }
}

async function ask(path: string): Promise<string> {
  const socket = connect(path);
  socket.end();
  return await text(socket).catch((error: NodeJS.ErrnoException) => {
    // Somebody else's engine: it runs already.
    if (error.code === "ENOENT") return "";
    throw error;
  });
}
