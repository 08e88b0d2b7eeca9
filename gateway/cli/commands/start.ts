import { type Command, Option } from "commander";
import type { JsonObject } from "../../../manifests/json.ts";
import type { LogOptions } from "../../http/log.ts";
import type { Gateway } from "../../open-gateway.ts";
import { describeStanding } from "../describe-standing.ts";
import { orConfiguration } from "../failure.ts";
import { type Deployment, localActor, openGatewayOf, readDeployment } from "../open.ts";
import type { Terminal } from "../terminal.ts";

interface StartOptions {
  readonly behindProxy?: true;
  readonly log: LogOptions["level"];
}

const levels: readonly LogOptions["level"][] = ["debug", "info", "warn", "error", "silent"];

export function addStart(program: Command, terminal: Terminal): void {
  program
    .command("start")
    .description("Serve agents and operators until SIGINT or SIGTERM.")
    .option("--behind-proxy", "a proxy in front does TLS; allows listeners beyond loopback")
    .addOption(
      new Option("--log <level>", "JSON lines on standard error").choices(levels).default("info"),
    )
    .addHelpText(
      "after",
      "\nExamples:\n  ringward start\n  ringward start --config /etc/ringward/ringward.yaml --behind-proxy",
    )
    .action(async (options: StartOptions) => {
      const deployment = await readDeployment(program, terminal);
      const gateway = await openGatewayOf(deployment.config, "gateway", terminal);
      try {
        const notes = await prepareKeys(gateway, deployment, terminal);
        await serveUntilStopped(gateway, { ...options, notes }, terminal);
      } finally {
        await gateway.close();
      }
    });
}

async function serveUntilStopped(
  gateway: Gateway,
  options: StartOptions & { readonly notes: readonly string[] },
  terminal: Terminal,
): Promise<void> {
  const { createLog } = await import("../../http/log.ts");
  const { serve } = await import("../../serve.ts");
  const stopped = terminal.stopped();
  const about = (): JsonObject => standingOf(gateway);
  const write = (line: string): void => void terminal.stderr.write(line);
  const log = createLog({ level: options.log, write, about });
  const behindProxy = options.behindProxy === true;
  const doors = await orConfiguration(serve(gateway, { log, behindProxy }));
  terminal.print(`agents     ${doors.agentsUrl}`);
  terminal.print(`operators  ${doors.operatorsUrl}`);
  for (const note of [...(await describeStanding(gateway)), ...options.notes]) terminal.note(note);
  await stopped;
  terminal.note("Stopping: no new calls; those that run are ended and written down.");
  await doors.close();
}

/** Said in every line of a development log; of production there is nothing to say. */
function standingOf({ selfProof, config }: Gateway): JsonObject {
  return config.mode === "development" ? selfProof.standing : {};
}

/**
 * Without any key nobody gets in. Only a deployment that nobody configured is given keys. Returns
 * what to tell of it once the doors are open.
 */
async function prepareKeys(
  gateway: Gateway,
  { config, file }: Deployment,
  terminal: Terminal,
): Promise<readonly string[]> {
  const { store } = gateway.deps;
  if (config.jwt !== undefined || (await store.keys.list()).length > 0) return [];
  if (file !== undefined) {
    return [
      "There is no key yet, so nobody gets in. In another terminal, make one:",
      `  ringward keys new host --principal my-app --config ${file}`,
    ];
  }
  const { makeDevelopmentKeys } = await import("../development-keys.ts");
  const folder = await makeDevelopmentKeys(gateway, localActor(terminal));
  return [`Made development keys, readable by ${terminal.user.name} alone: ${folder}`];
}
