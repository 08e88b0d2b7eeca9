import { type Command, Option } from "commander";
import type { JsonObject } from "../../../manifests/json.ts";
import type { SecretBinding } from "../../../manifests/secret.ts";
import type { SetOptions } from "../change-secrets.ts";
import { exitCodes } from "../exit-codes.ts";
import { CommandError, orConfiguration } from "../failure.ts";
import { readDeployment } from "../open.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { timeText } from "../time-text.ts";

export function addSecrets(program: Command, terminal: Terminal): void {
  const secrets = program
    .command("secrets")
    .description("Keep what tools need to sign in elsewhere; no tool and no agent ever sees it.")
    .addHelpText("after", examples);
  const change = (what: "set" | "rotate" | "remove"): Change => {
    return async (name, options, { args }) => {
      if (args.length > 1) throw new CommandError(exitCodes.usage, onCommandLine);
      const { changeSecrets } = await import("../change-secrets.ts");
      await changeSecrets({ what, name, options }, program, terminal);
    };
  };
  addSet(secrets).action(change("set"));
  secrets
    .command("list")
    .description("List names, bindings and dates; never a value.")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  ringward secrets list --json")
    .action(({ json }: { readonly json?: true }) => listSecrets(program, terminal, json));
  secrets
    .command("rotate")
    .description("Give a secret another value; what it is bound to stays.")
    .argument("<name>")
    .allowExcessArguments()
    .addHelpText("after", "\nExamples:\n  ringward secrets rotate desk")
    .action(change("rotate"));
  secrets
    .command("rm")
    .description("Remove a secret, at once for every call.")
    .argument("<name>")
    .addHelpText("after", "\nExamples:\n  ringward secrets rm desk")
    .action(change("remove"));
}

type Change = (name: string, options: SetOptions, command: Command) => Promise<void>;

/** Not the usual complaint of one word too many, which would say the word again. */
const onCommandLine =
  "a secret is not given on the command line, where others can read it and the shell keeps it (pipe it in, or type it at the prompt; this one is better not used any more)";

const examples = `
The value comes from standard input, or from a prompt that does not show it; never from the command
line. A secret is sent only where it is bound to: tool, principal, address, method, and one place in
the request.

Examples:
  ringward secrets set desk --tool desk.find --principal app --host desk.test --header x-key
  ringward secrets rotate desk
  ringward secrets list`;

const setExamples = `
One of --header, --query and --json says where in the request it goes.

Examples:
  ringward secrets set desk --tool desk.find --principal app --host desk.test --header x-key
  ringward secrets set desk --tool desk.find --principal "*" --host desk.test --json /auth/token`;

function addSet(secrets: Command): Command {
  return secrets
    .command("set")
    .description("Keep a secret, and say what it is bound to.")
    .argument("<name>", "as manifests name it")
    .requiredOption("--tool <name...>", "the tools that may use it")
    .requiredOption("--principal <name...>", "for whom; * is everybody")
    .requiredOption("--host <name>", "where it may be sent")
    .addOption(new Option("--scheme <scheme>").choices(["https", "http"]).default("https"))
    .option("--port <number...>", "ports of the host", ["443"])
    .option("--method <method...>", "HTTP methods", ["GET"])
    .option("--path <prefix>", "paths, by whole segments", "/")
    .option("--header <name>", "it is the value of this header")
    .option("--prefix <text>", "what stands before it in the header")
    .option("--query <name>", "it is the value of this parameter")
    .option("--json <pointer>", "it is the text there in the JSON body")
    .allowExcessArguments()
    .addHelpText("after", setExamples);
}

async function listSecrets(program: Command, terminal: Terminal, json?: true): Promise<void> {
  const { config } = await readDeployment(program, terminal);
  const { readSecretsFile, secretsPlace } = await import("../../secrets/secrets-file.ts");
  const place = secretsPlace(config, terminal.env.variable);
  const stored = await orConfiguration(Promise.try(readSecretsFile, place));
  const named = Object.entries(config.secrets.named);
  if (json) {
    const own = stored.map(({ value: _, ...about }) => about as unknown as JsonObject);
    const others = named.map(([secret, { binding }]) => ({ name: secret, binding }));
    return terminal.printJson([...own, ...others]);
  }
  if (stored.length + named.length === 0) {
    return terminal.note("No secrets yet: ringward secrets set --help");
  }
  const rows = [
    ...stored.map((one) => [...rowOf(one.name, one.binding), timeText(one.changedAt)]),
    ...named.map(([secret, { binding }]) => [...rowOf(secret, binding), "kept elsewhere"]),
  ];
  terminal.print(table(["SECRET", "TOOLS", "PRINCIPALS", "TO", "IN", "CHANGED"], rows));
}

function rowOf(secret: string, { tools, principals, to, place }: SecretBinding): string[] {
  const ports = to.ports.join(",");
  const host = ports === defaultPort[to.scheme] ? to.host : `${to.host}:${ports}`;
  const where = `${to.methods.join(",")} ${to.scheme}://${host}${to.path}`;
  return [secret, tools.join(" "), principals.join(" "), where, placeText(place)];
}

const defaultPort = { http: "80", https: "443" } as const;

function placeText(place: SecretBinding["place"]): string {
  if ("header" in place) return `header ${place.header}`;
  return "query" in place ? `query ${place.query}` : `json ${place.json}`;
}
