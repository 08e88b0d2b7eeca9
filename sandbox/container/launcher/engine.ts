import type { Duplex, Readable } from "node:stream";
import Docker from "dockerode";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { isAnswered } from "../../unix-socket.ts";
import type { CreateOptions, ImageFacts } from "../profile/create-options.ts";
import { within } from "./within.ts";

/** What a launcher asks of a container engine, and no more. Each question throws `EngineFault`. */
export interface Engine {
  /** Whether it takes new connections. One that is being stopped ends its containers, but takes none. */
  isListening(): Promise<boolean>;
  facts(): Promise<EngineSays>;
  /** Undefined where there is no such image. */
  image(reference: string): Promise<EngineImage | undefined>;
  create(name: string, options: CreateOptions): Promise<string>;
  /** The three streams of a container that is not started yet, as frames. */
  attach(container: string): Promise<Duplex>;
  start(container: string): Promise<void>;
  /** Resolves when the container has ended. */
  exitCode(container: string): Promise<number>;
  isOutOfMemory(container: string): Promise<boolean>;
  /** The number of a container's first process, as the engine's machine counts; 0 for none. */
  firstProcess(container: string): Promise<number>;
  /** Ends and removes it; resolves where it is not there. */
  remove(container: string): Promise<void>;
  /** All containers with a label, whatever they do. */
  containers(label: string): Promise<readonly EngineContainer[]>;
}

export interface EngineSays {
  readonly version: string;
  readonly kernel: string;
  readonly cgroup: string;
  /** Names of runtimes. */
  readonly runtimes: readonly string[];
  readonly runcVersion?: string;
}

export interface EngineImage extends ImageFacts {
  /** `NAME@sha256:…`, as registries know it. */
  readonly digests: readonly string[];
}

export interface EngineContainer {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Without a `status` the engine did not answer: nobody knows what it did. */
export class EngineFault extends Error {
  override readonly name = "EngineFault";
  readonly status: number | undefined;
  /** The system's, where it could not be reached. */
  readonly code: string | undefined;

  constructor(cause: unknown) {
    const { message, statusCode, code } = Object(cause) as Answer;
    super(String(message), { cause });
    this.status = statusCode;
    this.code = code;
  }
}

interface Answer {
  readonly message?: string;
  readonly statusCode?: number;
  readonly code?: string;
}

/** The engine at a unix socket. */
export function connectEngine(socketPath: string): Engine {
  const docker = new Docker({ socketPath });
  return {
    isListening: () => isAnswered(socketPath),
    facts: () => ask(() => readFacts(docker)),
    image: (reference) => ask(() => readImage(docker, reference)),
    create: (name, options) => ask(() => create(docker, name, options)),
    attach: (container) => ask(() => attach(docker, container)),
    start: (container) => ask(() => docker.getContainer(container).start()),
    exitCode: (container) => orFault(waitFor(docker, container)),
    isOutOfMemory: (container) => ask(() => readOutOfMemory(docker, container)),
    firstProcess: (container) => ask(() => readFirstProcess(docker, container)),
    remove: (container) => ask(() => remove(docker, container)),
    containers: (label) => ask(() => list(docker, label)),
  };
}

function ask<T>(question: () => Promise<T>): Promise<T> {
  return orFault(within(containerLimits.engineAnswerMs, question()));
}

async function orFault<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new EngineFault(error);
  }
}

async function readFacts(docker: Docker): Promise<EngineSays> {
  const [version, info] = await Promise.all([docker.version(), docker.info()]);
  const { Components: parts = [] } = version as { Components?: readonly Component[] };
  const runc = parts.find(({ Name }) => Name === "runc");
  return {
    version: version.Version,
    kernel: version.KernelVersion ?? "",
    cgroup: info.CgroupVersion ?? "1",
    runtimes: Object.keys(info.Runtimes ?? {}),
    ...(runc && { runcVersion: runc.Version }),
  };
}

interface Component {
  readonly Name: string;
  readonly Version: string;
}

async function readImage(docker: Docker, reference: string): Promise<EngineImage | undefined> {
  const found = await docker.getImage(reference).inspect().catch(absent);
  if (found === undefined) return undefined;
  const { Env, Volumes } = found.Config ?? {};
  return {
    id: found.Id,
    env: Env ?? [],
    volumes: Object.keys(Volumes ?? {}),
    digests: found.RepoDigests ?? [],
  };
}

/** The library would put all of it into the address too, where an engine's log would keep it. */
async function create(docker: Docker, name: string, options: CreateOptions): Promise<string> {
  const asked = { _query: { name }, _body: options } as Docker.ContainerCreateOptions;
  const { id } = await docker.createContainer(asked);
  return id;
}

async function attach(docker: Docker, container: string): Promise<Duplex> {
  const streams = { stream: true, hijack: true, stdin: true, stdout: true, stderr: true };
  return (await docker.getContainer(container).attach(streams)) as Duplex;
}

/** Bytes of the engine's answer to a wait: a number and a sentence. */
const waitedBytes = 65_536;

/**
 * As a stream, because the library never ends a question whose answer has begun when the engine dies;
 * and this one begins at once.
 */
async function waitFor(docker: Docker, container: string): Promise<number> {
  const answer = await new Promise<Readable>((resolve, reject) => {
    const path = `/containers/${container}/wait`;
    const statusCodes = { 200: true, 404: "no such container", 500: "server error" };
    docker.modem.dial({ path, method: "POST", isStream: true, statusCodes }, (error, stream) => {
      if (error) reject(error);
      else resolve(stream as Readable);
    });
  });
  let text = "";
  for await (const chunk of answer) {
    text += String(chunk);
    if (text.length > waitedBytes) throw new Error("the engine says too much");
  }
  const { StatusCode: code } = JSON.parse(text) as { StatusCode?: unknown };
  if (typeof code !== "number") throw new Error("the engine does not say how a container ended");
  return code;
}

async function readOutOfMemory(docker: Docker, container: string): Promise<boolean> {
  const found = await docker.getContainer(container).inspect().catch(absent);
  return found?.State.OOMKilled ?? false;
}

async function readFirstProcess(docker: Docker, container: string): Promise<number> {
  const found = await docker.getContainer(container).inspect().catch(absent);
  return found?.State.Pid ?? 0;
}

async function remove(docker: Docker, container: string): Promise<void> {
  await docker.getContainer(container).remove({ force: true, v: true }).catch(absent);
}

async function list(docker: Docker, label: string): Promise<readonly EngineContainer[]> {
  const filters = { label: [label] };
  const found = await docker.listContainers({ all: true, filters });
  return found.map(({ Id, Labels }) => ({ id: Id, labels: Labels }));
}

function absent(error: { readonly statusCode?: number }): undefined {
  if (error.statusCode !== 404) throw error;
}
