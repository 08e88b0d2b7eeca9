import type { Command } from "commander";
import type { ComposedLauncher } from "../../launcher/compose-launcher.ts";
import { escapeText } from "../escape.ts";
import { exitCodes } from "../exit-codes.ts";
import { CommandError, orConfiguration } from "../failure.ts";
import { readDeployment } from "../open.ts";
import type { Terminal } from "../terminal.ts";

export function addLauncher(program: Command, terminal: Terminal): void {
  program
    .command("launcher")
    .description("Start containers for a gateway, which does not hold the engine's socket.")
    .addHelpText("after", "\nExample:\n  ringward launcher --config /etc/ringward/ringward.yaml")
    .action(async () => {
      const { config } = await readDeployment(program, terminal);
      const { containersOf } = await import("../../config/containers-config.ts");
      const { engine, launcher: socket, sockets } = containersOf(config) ?? {};
      if (engine === undefined || socket === undefined || sockets === undefined) {
        throw new CommandError(exitCodes.configuration, unnamed);
      }
      const { composeLauncher } = await import("../../launcher/compose-launcher.ts");
      const options = await composeLauncher(config, { engine, socket, sockets });
      await serveUntilStopped(options, terminal);
    });
}

const unnamed =
  "the deployment names no launcher (say `containers: { launcher: SOCKET, sockets: FOLDER }` in ringward.yaml, see docs/launcher.md; in development none is needed)";

async function serveUntilStopped(options: ComposedLauncher, terminal: Terminal): Promise<void> {
  const { serveLauncher } = await import("../../../sandbox/container/launcher/serve-launcher.ts");
  const stopped = terminal.stopped();
  const note = (line: string): void => terminal.note(escapeText(line));
  const launcher = await orConfiguration(serveLauncher({ ...options, note }));
  const { socket, engine, tools, unbuilt } = options;
  terminal.print(`launcher  ${socket}`, `engine    ${engine}`, `tools     ${tools}`);
  if (unbuilt.length > 0) {
    const mend = "`ringward images build`, then start it anew";
    terminal.note(`Without an image, so refused: ${unbuilt.join(", ")} (${mend})`);
  }
  await stopped;
  terminal.note("Stopping: all containers are ended.");
  await launcher.close();
}
