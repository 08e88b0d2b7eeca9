import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";
import type { Test } from "tap";
import { type Client, createClient } from "../../agent/client.ts";
import { listRecords } from "../../gateway/audit/read.ts";
import type { AuditRecord } from "../../gateway/audit/record.ts";
import type { CallAnswer } from "../../manifests/call.ts";
import type { JsonObject } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { busyboxImage } from "./busybox-image.ts";
import { ringward } from "./command-line.ts";
import { imagesText, type TestTools, toolsFolder } from "./container-gateway.ts";
import type { TestEngine } from "./engine.ts";
import { type RunningProgram, startProgram } from "./running-program.ts";

export interface ProductionParts {
  readonly tools: TestTools;
  /** Of the deployment's `containers`, what a test is about. */
  readonly containers?: { readonly atOnce: number };
}

/** Proposes a call over HTTP, as the agent of a session of its own. */
export type Propose = (tool: string, args?: JsonObject) => Promise<CallAnswer>;

/** The real programs of one deployment in production: a launcher, and a gateway with no other engine. */
export class ProductionPair {
  readonly folder: string;
  readonly #t: Test;
  readonly #docker: Docker;
  #agentsUrl = "";
  #hostKey = "";

  private constructor(t: Test, folder: string, docker: Docker) {
    this.#t = t;
    this.folder = folder;
    this.#docker = docker;
  }

  /** Nothing of it runs yet. Its image is `shell`. */
  static async deploy(
    t: Test,
    { socket }: Pick<TestEngine, "socket">,
    { tools, containers }: ProductionParts,
  ): Promise<ProductionPair> {
    const folder = toolsFolder(t, tools);
    for (const name of ["workspace", "out"]) mkdirSync(join(folder, name));
    writeFileSync(
      join(folder, "images.json"),
      imagesText({ shell: await busyboxImage({ socket }) }),
    );
    for (const [name, engine] of [
      ["ringward.yaml", "/nowhere/docker.sock"],
      ["launcher.yaml", socket],
    ] as const) {
      writeFileSync(join(folder, name), deploymentText({ engine, ...containers }));
    }
    return new ProductionPair(t, folder, new Docker({ socketPath: socket }));
  }

  /** Resolves when it serves. */
  startLauncher(): Promise<RunningProgram> {
    const args = ["launcher", "--config", "launcher.yaml"];
    return startProgram(this.#t, args, { folder: this.folder, ready: "tools" });
  }

  /** Resolves when its tiers are offered: on a busy machine the first proof may not hold. */
  async startGateway(): Promise<RunningProgram> {
    const args = ["start", "--log", "silent"];
    const gateway = await startProgram(this.#t, args, { folder: this.folder, ready: "operators" });
    this.#agentsUrl = gateway.says("agents");
    while (!(await fetch(`${this.#agentsUrl}/readyz`)).ok) await sleep(limits.readyMs / 10);
    return gateway;
  }

  async open(principal = "alice"): Promise<Propose> {
    this.#hostKey ||= await this.#newKey();
    const host = this.#client(this.#hostKey);
    const { session, token } = await host.openSession({ principal });
    const agent = this.#client(token);
    return (tool, args = {}) => agent.propose(session, { tool, arguments: args });
  }

  /** Ids of the containers that the engine has of this deployment. */
  async containers(): Promise<readonly string[]> {
    return (await this.#list({})).map(({ Id }) => Id);
  }

  /** Ids of those that run of one tool. */
  async running(tool: string): Promise<readonly string[]> {
    const found = await this.#list({ status: ["running"] });
    return found.filter(({ Labels }) => Labels["ringward.tool"] === tool).map(({ Id }) => Id);
  }

  /** Command lines of all that runs in containers of one tool. */
  async programs(tool: string): Promise<readonly string[]> {
    const all = (await this.running(tool)).map((id) => this.#docker.getContainer(id).top());
    return (await Promise.all(all)).flatMap(({ Processes }) => Processes.map(lastOf));
  }

  /** Newest first. */
  records(kind: AuditRecord["kind"]): Promise<readonly AuditRecord[]> {
    return listRecords(join(this.folder, "state"), { kind });
  }

  #list(filters: Record<string, string[]>): Promise<readonly Docker.ContainerInfo[]> {
    const instance = `ringward.instance=${realpathSync(join(this.folder, "workspace"))}`;
    return this.#docker.listContainers({ all: true, filters: { label: [instance], ...filters } });
  }

  #client(token: string): Client {
    return createClient({ baseUrl: this.#agentsUrl, token });
  }

  async #newKey(): Promise<string> {
    const args = ["keys", "new", "host", "--principal", "app"];
    const { stdout } = await ringward(args, { folder: this.folder });
    return stdout.trim();
  }
}

/**
 * Resolves when something is so that calls in flight bring about.
 *
 * @throws {Error} where one of them ends before that.
 */
export async function during(
  calls: readonly Promise<CallAnswer>[],
  isSo: () => Promise<boolean>,
): Promise<void> {
  let early: CallAnswer | undefined;
  for (const call of calls) {
    void call.then(
      (answer) => {
        early ??= answer;
      },
      () => undefined,
    );
  }
  while (!(await isSo())) {
    if (early) throw new Error(`a call has ended: ${early.code} ${early.detail}`);
    await sleep(100);
  }
}

/** What comes of a call that is proposed again while its engine, or its launcher, is away. */
export async function whenBack(propose: () => Promise<CallAnswer>): Promise<CallAnswer> {
  for (;;) {
    const answer = await propose();
    if (answer.code !== "ENGINE_UNAVAILABLE") return answer;
    await sleep(100);
  }
}

function lastOf(row: readonly string[]): string {
  return row.at(-1) ?? "";
}

/** Where the launcher has an engine the gateway is told of another one. */
function deploymentText(containers: { readonly engine: string }): string {
  return JSON.stringify({
    ...{ apiVersion: "ringward/v1", kind: "Deployment", manifests: ["./tools"] },
    listen: { agents: { port: 0 }, operators: { port: 0 } },
    containers: {
      ...{ launcher: "./link/launcher.sock", sockets: "./out", images: "./images.json" },
      ...{ tiers: ["container"], ...containers },
    },
  });
}
