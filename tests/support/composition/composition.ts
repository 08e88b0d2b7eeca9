import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import Docker from "dockerode";
import { type ComposeFile, readCompose, type Service } from "./compose-file.ts";
import { createBody } from "./create-body.ts";

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunChanges {
  readonly entrypoint?: readonly string[];
  readonly input?: string;
  /** `host` is this machine's own network, in place of the service's. */
  readonly network_mode?: "host";
}

const prefix = "ringward_";

/** What `docker compose` does with `docker-compose.yml`: the same users, networks and mounts. */
export class Composition {
  readonly #docker: Docker;
  readonly #file: ComposeFile;

  constructor(socket: string, variables: Readonly<Record<string, string>>) {
    this.#docker = new Docker({ socketPath: socket });
    this.#file = readCompose(variables);
  }

  /** Networks, volumes, and the services that run all the time. */
  async up(): Promise<void> {
    for (const [name, network] of Object.entries(this.#file.networks)) {
      const { driver: Driver, internal: Internal = false, driver_opts: Options = {} } = network;
      const wanted = { Name: prefix + name, Driver, Internal, Options, CheckDuplicate: true };
      await this.#docker.createNetwork(wanted);
    }
    for (const name of Object.keys(this.#file.volumes)) {
      await this.#docker.createVolume({ Name: prefix + name });
    }
    for (const [name, service] of Object.entries(this.#file.services)) {
      if (service["profiles"] === undefined) await (await this.#create(name)).start();
    }
  }

  /** `docker compose run --rm`: a service's container, with another program in it where one is named. */
  async run(name: string, { input = "", ...other }: RunChanges): Promise<Ended> {
    const container = await this.#create(name, { command: [], stdin_open: true, ...other });
    const streams = { stream: true, hijack: true, stdin: true, stdout: true, stderr: true };
    const attached = await container.attach(streams);
    const said = this.#textsOf(attached);
    await container.start();
    attached.end(input);
    const { StatusCode: code } = (await container.wait()) as { StatusCode: number };
    const texts = await said;
    await container.remove({ force: true });
    return { code, ...texts };
  }

  /** `docker compose exec`. */
  async exec(name: string, command: readonly string[]): Promise<Ended> {
    const streams = { AttachStdout: true, AttachStderr: true };
    const container = this.#docker.getContainer(prefix + name);
    const execution = await container.exec({ Cmd: [...command], ...streams });
    const attached = await execution.start({ hijack: true });
    const texts = await this.#textsOf(attached);
    const { ExitCode: code } = await execution.inspect();
    return { code: code ?? -1, ...texts };
  }

  /** What the engine knows of a service's container. */
  async inspect(name: string): Promise<Docker.ContainerInspectInfo> {
    return await this.#docker.getContainer(prefix + name).inspect();
  }

  /** What it has said so far. */
  async logs(name: string): Promise<string> {
    const container = this.#docker.getContainer(prefix + name);
    return (await container.logs({ stdout: true, stderr: true })).toString();
  }

  /** On all its networks, under its name. */
  async #create(
    name: string,
    other: Readonly<Record<string, unknown>> = {},
  ): Promise<Docker.Container> {
    const service = { ...this.#file.services[name], ...other } as Service;
    const body = createBody(service, prefix);
    const [first, ...rest] = other["network_mode"] ? [] : (service.networks ?? []);
    const networked = first !== undefined && {
      NetworkingConfig: { EndpointsConfig: { [prefix + first]: { Aliases: [name] } } },
      HostConfig: { ...body.HostConfig, NetworkMode: prefix + first },
    };
    const isOwn = Object.keys(other).length === 0;
    // Apart: the library would put all of it into the address as well.
    const container = await this.#docker.createContainer({
      ...{ _query: isOwn ? { name: prefix + name } : {}, _body: { ...body, ...networked } },
    } as Docker.ContainerCreateOptions);
    for (const network of rest) {
      const endpoint = { Container: container.id, EndpointConfig: { Aliases: [name] } };
      await this.#docker.getNetwork(prefix + network).connect(endpoint);
    }
    return container;
  }

  async #textsOf(attached: NodeJS.ReadableStream): Promise<Omit<Ended, "code">> {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    this.#docker.modem.demuxStream(attached, stdout, stderr);
    attached.once("end", () => {
      stdout.end();
      stderr.end();
    });
    const [out, err] = await Promise.all([text(stdout), text(stderr)]);
    return { stdout: out, stderr: err };
  }
}
