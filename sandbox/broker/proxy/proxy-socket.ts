import { chmod, mkdir, rm } from "node:fs/promises";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import { containerLimits } from "../../../manifests/container-limits.ts";
import type { BrokerDoor } from "../broker.ts";
import { Gate } from "../gate.ts";
import { Credential } from "./credential.ts";
import type { EgressSocket } from "./egress-proxy.ts";
import { makeServer } from "./make-server.ts";
import { Quiet } from "./quiet.ts";
import { serveConnect, serveRequest } from "./serve.ts";

export interface Hooks {
  /** Also of one that was never open. */
  onClosed(closed: ProxySocket): void;
  onBug(error: unknown): void;
}

interface Admitted {
  readonly door: BrokerDoor;
  readonly credential: Credential;
}

/** One sandbox's way out. Connections from before a call, or of one that is over, carry nothing. */
export class ProxySocket implements EgressSocket {
  readonly folder: string;
  readonly #server: Server;
  readonly #hooks: Hooks;
  readonly #connections: Set<Socket> = new Set();
  readonly #underWay: Set<Promise<void>> = new Set();
  readonly #reading = new Gate(containerLimits.hostBodiesAtOnce);
  readonly #quiet = new Quiet(() => this.#shut());
  #admitted: Admitted | undefined;
  /** In this second, as long as it lasts. */
  #knocks = 0;

  static async open(folder: string, hooks: Hooks): Promise<ProxySocket> {
    await mkdir(folder);
    const opened = new ProxySocket(folder, hooks);
    try {
      await opened.#listen(join(folder, "proxy.sock"));
      return opened;
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  private constructor(folder: string, hooks: Hooks) {
    this.folder = folder;
    this.#hooks = hooks;
    this.#server = makeServer({
      connection: (socket) => this.#connect(socket),
      dropped: () => this.#knock(),
      request: (request, response) => this.#request(request, response),
      tunnel: (request, socket) => this.#tunnel(request, socket),
    });
  }

  admit(door: BrokerDoor): string {
    if (this.#admitted) throw new Error("a call has this way out to itself");
    const credential = new Credential();
    this.#admitted = { door, credential };
    door.signal.addEventListener("abort", () => this.#dismiss(), { once: true });
    if (door.signal.aborted) this.#dismiss();
    return credential.text;
  }

  async close(): Promise<void> {
    this.#dismiss();
    await new Promise((resolve) => this.#server.close(resolve));
    await Promise.allSettled(this.#underWay);
    await rm(this.folder, { recursive: true, force: true });
    this.#hooks.onClosed(this);
  }

  async #listen(path: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      // Stays: an error that nobody hears ends the process.
      this.#server.on("error", reject);
      this.#server.listen(path, resolve);
    });
    // Other users, in a container, have to come to it, whatever mask this process has.
    await Promise.all([chmod(this.folder, 0o755), chmod(path, 0o666)]);
  }

  #dismiss(): void {
    this.#admitted = undefined;
    for (const socket of this.#connections) socket.destroy();
  }

  #knock(): void {
    if (this.#knocks === 0) setTimeout(() => this.#forget(), 1_000).unref();
    this.#knocks += 1;
    if (this.#knocks > containerLimits.proxyKnocksPerSecond) this.#shut();
  }

  /**
   * To refuse takes longer than to be refused. Where it is asked for faster than anybody has a use
   * for, nobody listens any more: then the kernel refuses, and nothing wakes up here.
   */
  #shut(): void {
    this.#dismiss();
    this.#server.close();
  }

  #forget(): void {
    this.#knocks = 0;
  }

  #connect(socket: Socket): void {
    this.#knock();
    if (!this.#admitted) {
      socket.destroy();
      return;
    }
    this.#connections.add(socket);
    this.#quiet.enter(socket);
    socket.once("close", () => {
      this.#connections.delete(socket);
      this.#quiet.leave(socket);
    });
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    this.#quiet.during(request);
    const serving = { door: this.#doorFor(request), reading: this.#reading };
    this.#track(serveRequest(request, response, serving));
  }

  #tunnel(request: IncomingMessage, socket: Socket): void {
    this.#quiet.leave(socket);
    this.#track(serveConnect(request, socket, { door: this.#doorFor(request) }));
  }

  /** Each request is let in by what it says itself; its connection counts for nothing. */
  #doorFor({ headers }: IncomingMessage): BrokerDoor | undefined {
    const { door, credential } = this.#admitted ?? {};
    return credential?.isSaidBy(headers["proxy-authorization"]) ? door : undefined;
  }

  #track(serving: Promise<boolean>): void {
    const served = serving.then(
      (isServed) => this.#settle(isServed),
      (error: unknown) => this.#hooks.onBug(error),
    );
    this.#underWay.add(served);
    void served.finally(() => this.#underWay.delete(served));
  }

  /** Who is served has knocked once, and rightly. */
  #settle(isServed: boolean): void {
    if (!isServed) this.#knock();
    else if (this.#knocks > 1) this.#knocks -= 1;
  }
}
