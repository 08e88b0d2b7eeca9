import fs from "node:fs";
import { createServer } from "node:net";
import v8 from "node:v8";
import { attempt, type Ways } from "./ways.ts";

export const fileWays: Ways = {
  "files: the secret by its path": ({ secretPath }) => fs.readFileSync(secretPath, "utf8"),
  "files: the secret by the root of the first process": ({ secretPath }) =>
    fs.readFileSync(`/proc/1/root${secretPath}`, "utf8"),
  "files: the secret by the gateway's root": ({ secretPath, gatewayPid }) =>
    fs.readFileSync(`/proc/${gatewayPid}/root${secretPath}`, "utf8"),
  "files: the secret by climbing": ({ secretPath }) => climb(secretPath),
  "files: the secret by a link": ({ secretPath }) => fs.symlinkSync(secretPath, "/link"),
  "files: the secret by a hard link": ({ secretPath }) => fs.linkSync(secretPath, "/app/link"),
  "files: the machine's users": () => fs.readFileSync("/etc/passwd", "utf8"),
  "files: the gateway's environment": ({ gatewayPid }) =>
    fs.readFileSync(`/proc/${gatewayPid}/environ`, "utf8"),
  "files: devices": () => ["/dev/mem", "/dev/kvm", "/dev/vda", "/dev/tty"].map(openToRead),
  "files: something to write": () => ["/x", "/tmp/x", "/dev/shm/x", "/app/node"].map(tryWriting),
  "files: Node replaced": () => fs.renameSync("/app/node", "/app/old"),
  "files: permissions changed": () => fs.chmodSync("/app/node", 0o4777),
  "files: the tree's root left by a descriptor": () => leaveByDescriptor(),
  "files: a report of the process": () => fs.statSync(writeReport()).size,
  "files: a snapshot of the heap": () => v8.writeHeapSnapshot("/heap"),
  "files: a socket of its own": () => listenAt("/app/socket"),
};

function climb(path: string): string {
  process.chdir("/");
  for (let depth = 0; depth < 32; depth += 1) process.chdir("..");
  return fs.readFileSync(`.${path}`, "utf8");
}

function openToRead(path: string): string {
  return attempt(() => fs.openSync(path, "r"));
}

function tryWriting(path: string): string {
  return attempt(() => fs.writeFileSync(path, "x"));
}

/** Who leaves a changed root does it by a descriptor from before; there may be none. */
function leaveByDescriptor(): unknown {
  const found: string[] = [];
  const root = fs.statSync("/").ino;
  for (let fd = 0; fd < 64; fd += 1) {
    const isFolder = attempt(() => {
      const { ino } = fs.fstatSync(fd);
      // Node opens the root that it has.
      if (ino === root || !fs.fstatSync(fd).isDirectory()) throw new Error("no folder");
    });
    if (isFolder === "done") found.push(String(fd));
  }
  if (found.length === 0) throw new Error("no folder is open");
  return found;
}

function writeReport(): string {
  process.report.directory = "/app";
  return process.report.writeReport("report");
}

function listenAt(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    createServer()
      .once("error", reject)
      .listen(path, () => resolve("listening"));
  });
}
