import Docker from "dockerode";
import { busyboxImage } from "../busybox-image.ts";

export interface Neighbour {
  readonly name: string;
  readonly network: string;
  /** Arguments of its Node. */
  readonly program: readonly string[];
  readonly binds?: readonly string[];
}

/**
 * Programs that are none of the composition's, on the same machine: they answer whoever reaches them,
 * and remember who did. One stands for the host itself, with the services of a cloud's.
 */
export class Neighbours {
  readonly #docker: Docker;
  readonly #socket: string;
  readonly #image: string;

  constructor(socket: string, image: string) {
    this.#docker = new Docker({ socketPath: socket });
    this.#socket = socket;
    this.#image = image;
  }

  /** Answers, and remembers, in a network. */
  async start(name: string, network: string): Promise<void> {
    await this.run({ name, network, program: ["-e", listener] });
  }

  /** Resolves when it says that it listens. */
  async run({ name, network, program, binds = [] }: Neighbour): Promise<void> {
    const isHost = network === "host";
    const container = await this.#docker.createContainer({
      name,
      Image: this.#image,
      User: "0:0",
      Entrypoint: ["node", ...program],
      HostConfig: {
        ...{ NetworkMode: network, Binds: [...binds] },
        ...(isHost && { CapAdd: ["NET_BIND_SERVICE"] }),
      },
    });
    await container.start();
    const until = performance.now() + 30_000;
    while (!(await this.heard(name)).includes("listening")) {
      if (performance.now() > until) throw new Error(`${name} does not listen`);
    }
  }

  /** What is on all addresses of the host is at these, too. */
  async addToHost(addresses: readonly string[]): Promise<void> {
    const lines = addresses.map((address) => `ip address add ${address}/32 dev lo`);
    const container = await this.#docker.createContainer({
      Image: await busyboxImage({ socket: this.#socket }),
      Cmd: ["sh", "-ec", lines.join("\n")],
      HostConfig: { NetworkMode: "host", CapAdd: ["NET_ADMIN"] },
    });
    await container.start();
    await container.wait();
  }

  /** One line for each connection and each question that it got. */
  async heard(name: string): Promise<string> {
    const container = this.#docker.getContainer(name);
    return (await container.logs({ stdout: true, stderr: true })).toString();
  }

  async address(name: string): Promise<string> {
    const { NetworkSettings } = await this.#docker.getContainer(name).inspect();
    return Object.values(NetworkSettings.Networks)[0]?.IPAddress ?? "";
  }
}

/** A TCP and a UDP port that answer, and a name server that has one answer to all questions. */
const listener = `
const { createServer } = require("node:net");
const { createSocket } = require("node:dgram");
let left = 3;
const listening = () => --left === 0 && console.log("listening");
createServer((socket) => {
  console.log("tcp " + socket.remoteAddress);
  socket.on("error", () => {}).end("here");
}).listen(9999, "0.0.0.0", listening);
const udp = createSocket("udp4", (bytes, { address, port }) => {
  console.log("udp " + address);
  udp.send("here", port, address);
});
udp.bind(9999, "0.0.0.0", listening);
const names = createSocket("udp4", (bytes, { address, port }) => {
  console.log("asked " + bytes.toString("latin1").replace(/[^a-z0-9]+/g, "."));
  const head = Buffer.from(bytes.subarray(0, bytes.indexOf(0, 12) + 5));
  head.set([0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0], 2);
  const answer = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 192, 0, 2, 1];
  names.send(Buffer.concat([head, Buffer.from(answer)]), port, address);
});
names.bind(53, "0.0.0.0", listening);
`;
