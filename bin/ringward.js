#!/usr/bin/env node
// Starts Ringward with a Node that can run it. Written so that any Node of the last ten years reads
// it: the Node on the machine may be old, while npm brought a fitting one with the package.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const needed = [24, 12];
const root = dirname(dirname(fileURLToPath(import.meta.url)));

if (isNewEnough(process.versions.node)) {
  await import(pathToFileURL(entry()).href);
} else {
  startAgain(bundledNode());
}

function isNewEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > needed[0] || (major === needed[0] && minor >= needed[1]);
}

/** Node does not strip types under `node_modules`: an installed package runs what was built. */
function entry() {
  const built = join(root, "dist", "gateway", "main.js");
  const isInstalled = root.split(sep).includes("node_modules");
  return isInstalled && existsSync(built) ? built : join(root, "gateway", "main.ts");
}

function bundledNode() {
  const platform = process.platform === "win32" ? "win" : process.platform;
  const file = process.platform === "win32" ? "node.exe" : "node";
  try {
    const require = createRequire(import.meta.url);
    const manifest = require.resolve(`node-${platform}-${process.arch}/package.json`);
    const binary = join(dirname(manifest), "bin", file);
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

function startAgain(node) {
  if (node === undefined) {
    process.stderr.write(
      `ringward: Node ${needed.join(".")} or newer is needed, this is ${process.versions.node} (install it from https://nodejs.org, or run \`npm install\` with optional dependencies)\n`,
    );
    process.exitCode = 78;
    return;
  }
  const child = spawn(node, [join(root, "bin", "ringward.js"), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  // The terminal sends its signals to both; what is sent to this process alone is passed on.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("error", (error) => {
    process.stderr.write(`ringward: ${node} does not start: ${error.message}\n`);
    process.exitCode = 78;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
