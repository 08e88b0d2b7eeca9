import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import { Worker } from "node:worker_threads";
import type { Ways } from "./ways.ts";

export const networkWays: Ways = {
  "network: TCP to the gateway's machine": ({ port }) => dial({ host: "127.0.0.1", port }),
  "network: TCP over IPv6": ({ port }) => dial({ host: "::1", port }),
  "network: TCP to a metadata service": () => dial({ host: "169.254.169.254", port: 80 }),
  "network: UDP": ({ port }) => sendDatagram(port),
  "network: a name": () => lookup("localhost.example"),
  "network: a socket file": ({ socketPath }) => dial({ path: socketPath }),
  "network: an abstract socket": ({ abstractSocket }) => dial({ path: `\0${abstractSocket}` }),
  "network: by a thread": ({ port }) => threadDials(port),
};

type Target = { readonly host: string; readonly port: number } | { readonly path: string };

function dial(target: Target): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(target);
    socket.once("connect", () => resolve("connected"));
    socket.once("error", reject);
  });
}

function sendDatagram(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createSocket("udp4");
    socket.once("error", reject);
    socket.send("x", port, "127.0.0.1", (error) => (error ? reject(error) : resolve("sent")));
  });
}

function threadDials(port: number): Promise<unknown> {
  const code = `import { connect } from "node:net"; connect(${port}, "127.0.0.1")
    .once("connect", () => { throw Object.assign(new Error(), { code: "connected" }); })
    .once("error", (error) => { throw error; });`;
  return new Promise((resolve, reject) => {
    const thread = new Worker(code, { eval: true });
    thread.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "connected" ? resolve("connected") : reject(error),
    );
  });
}
