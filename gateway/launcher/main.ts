import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { serveLauncher } from "../../sandbox/container/launcher/serve-launcher.ts";
import { escapeText } from "../cli/escape.ts";
import { composeLauncher } from "./compose-launcher.ts";
import type { LauncherSays, LauncherTold } from "./launcher-process.ts";

/** The program of a launcher that a gateway starts. It lives as long as its standard input is open. */
async function main(): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  const left = once(lines, "close");
  const [line] = (await Promise.race([once(lines, "line"), left])) as [string?];
  if (line === undefined) return;
  const { config, place, folder } = JSON.parse(line) as LauncherTold;
  const launcher = await serveLauncher({ ...(await composeLauncher(config, place)), note });
  say({});
  await left;
  await launcher.close();
  await rm(folder, { recursive: true, force: true });
}

function note(text: string): void {
  process.stderr.write(`ringward launcher: ${escapeText(text)}\n`);
}

function say(says: LauncherSays): void {
  process.stdout.write(`${JSON.stringify(says)}\n`);
}

// Whoever reads may be gone; containers are ended all the same.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);
// What is sent to all processes of a service is for the gateway, which ends this one in its turn.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => undefined);
try {
  await main();
} catch (error) {
  const problem = error instanceof Error ? error.message : String(error);
  // Who starts it again and again tells nobody why.
  note(problem);
  say({ problem });
}
process.exit();
