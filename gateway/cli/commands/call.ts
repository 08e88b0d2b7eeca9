import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import type { Command } from "commander";
import type { CallAnswer, CallProposal, CallStatus } from "../../../manifests/call.ts";
import type { JsonValue } from "../../../manifests/json.ts";
import { isContainerTier, type Tier } from "../../../manifests/tier.ts";
import type { Gateway } from "../../open-gateway.ts";
import { offNotes, refusedNotes, unwalledNotes } from "../describe-standing.ts";
import { escapeJson, escapeText } from "../escape.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { localActor, openGatewayOf, readDeployment } from "../open.ts";
import type { Terminal } from "../terminal.ts";

interface CallOptions {
  readonly args: string;
  readonly task?: string;
  readonly approval?: string;
  readonly json?: true;
}

export function addCall(program: Command, terminal: Terminal): void {
  program
    .command("call")
    .description("Run one tool call through every ring, without a server.")
    .argument("<tool>", "the tool's name")
    .option("--args <json>", "the arguments: JSON, @FILE, or - for standard input", "{}")
    .option("--task <text>", "what the user asked for; what it names is trusted")
    .option("--approval <id>", "go on in the session of an approval that was given")
    .option("--json", "print the answer as one line of JSON")
    .addHelpText(
      "after",
      `
Exits with 0 completed, 1 refused, 3 waiting for a person, 4 unknown.

Examples:
  ringward call js.run --args '{"code":"return 6*7"}'
  ringward call files.list --args '{"path":"."}' --json
  ringward call csv.query --args @query.json --task "Sum up sales.csv"`,
    )
    .action(async (tool: string, options: CallOptions) => {
      const { config } = await readDeployment(program, terminal);
      const proposal = await readProposal(tool, options, terminal);
      const gateway = await openGatewayOf({ ...config, workers: 1 }, "cli", terminal);
      try {
        // Under way while the session is opened; the call waits for it.
        const tier = tierOf(tool, gateway);
        void gateway.selfProof.proof(tier);
        if (terminal.isTerminal && isContainerTier(tier))
          terminal.note(`Proving tier ${tier} first.`);
        const answer = await propose(gateway, { proposal, options, terminal });
        showAnswer(nameTools(answer, gateway), options, terminal);
        for (const note of notesOn(answer, gateway)) terminal.note(note);
      } finally {
        await gateway.close();
      }
    });
}

/** Where most of its calls run; others need a stronger one besides. */
function tierOf(tool: string, { deps }: Gateway): Tier {
  return deps.tools.get(tool)?.manifest.sandbox.tier ?? "isolate";
}

const unavailable: readonly (string | undefined)[] = [
  "SANDBOX_UNAVAILABLE",
  "ENGINE_UNAVAILABLE",
  "IMAGE_UNAVAILABLE",
];

/** The agent is told that there is no sandbox; who sits here is told why. */
function notesOn({ code }: CallAnswer, gateway: Gateway): readonly string[] {
  const unwalled = unwalledNotes(gateway.selfProof.standing);
  if (!unavailable.includes(code)) return unwalled;
  return [...unwalled, ...offNotes(gateway), ...refusedNotes(gateway.selfProof.measured)];
}

async function readProposal(
  tool: string,
  options: CallOptions,
  terminal: Terminal,
): Promise<CallProposal> {
  const { parseStrictJson } = await import("../../../manifests/strict-json.ts");
  const { parseCallProposal } = await import("../../../manifests/call.ts");
  const { approval } = options;
  return parseCallProposal({
    tool,
    arguments: parseStrictJson(await readArgs(options.args, terminal)),
    ...(approval !== undefined && { approval }),
  });
}

async function readArgs(args: string, terminal: Terminal): Promise<string | Uint8Array> {
  if (args === "-") return await buffer(terminal.stdin);
  if (args.startsWith("@")) return await readFile(resolve(terminal.cwd, args.slice(1)));
  return args;
}

interface Proposing {
  readonly proposal: CallProposal;
  readonly options: CallOptions;
  readonly terminal: Terminal;
}

async function propose(gateway: Gateway, proposing: Proposing): Promise<CallAnswer> {
  const { proposal, terminal } = proposing;
  const { session, bearer } = await enter(gateway, proposing);
  const flight = gateway.calls.begin({ session, bearer, proposal });
  void terminal.stopped().then(() => gateway.calls.cancel(session, flight.id));
  return await flight.answer;
}

interface Entered {
  readonly session: string;
  readonly bearer: string;
}

async function enter(gateway: Gateway, { options, terminal }: Proposing): Promise<Entered> {
  const principal = callPrincipal(terminal);
  if (options.approval !== undefined) {
    return await resume(gateway, options.approval, principal);
  }
  const { parseSessionRequest } = await import("../../../manifests/session.ts");
  const request = parseSessionRequest({ principal, task: options.task ?? "" });
  const { session, token } = await gateway.openSession(request, localActor(terminal));
  return { session: session.id, bearer: token };
}

/**
 * Not the person's own name: who answers an approval must be another principal than the one that
 * asks, and here the same person does both on purpose.
 */
function callPrincipal(terminal: Terminal): string {
  return localActor(terminal).replace(/^local:/, "cli:");
}

/** An approval is good for its session alone, so the call goes on there, under a token of its own. */
async function resume(gateway: Gateway, approval: string, principal: string): Promise<Entered> {
  const { Refusal } = await import("../../../manifests/refusals.ts");
  const { mintKey } = await import("../../credentials/secret-key.ts");
  const { store, newId, clock } = gateway.deps;
  const asked = await store.approvals.find(approval);
  const session = asked && (await store.sessions.find(asked.session));
  if (session?.principal !== principal) throw new Refusal("APPROVAL_MISMATCH");
  const { key, secret } = mintKey({
    kind: "agent",
    principal,
    session: session.id,
    id: newId("key"),
    now: clock.now(),
    expiresAt: session.expiresAt,
  });
  await store.keys.add(key, principal);
  return { session: session.id, bearer: secret };
}

/** There is no list at the keyboard to look into, and who sits there may read every manifest. */
function nameTools(answer: CallAnswer, gateway: Gateway): CallAnswer {
  if (answer.code !== "TOOL_UNKNOWN") return answer;
  return { ...answer, mend: `use one of ${[...gateway.deps.tools.keys()].sort().join(", ")}` };
}

const codeOf: Readonly<Record<CallStatus, ExitCode>> = {
  completed: exitCodes.ok,
  refused: exitCodes.found,
  pending: exitCodes.pending,
  unknown: exitCodes.unknown,
  running: exitCodes.unknown,
};

function showAnswer(answer: CallAnswer, options: CallOptions, terminal: Terminal): void {
  terminal.leave(codeOf[answer.status]);
  const { status, output, ...rest } = answer;
  if (options.json) terminal.printJson({ status, output, ...rest });
  else terminal.print(...describe(answer, terminal));
}

function describe(answer: CallAnswer, terminal: Terminal): readonly string[] {
  const { status, tool, id, ms } = answer;
  const style = status === "completed" ? "green" : "red";
  const head = `${terminal.paint(style, status)}  ${escapeText(tool)}  ${Math.round(ms)} ms  ${id}`;
  const about = answer.label
    ? [`label ${answer.label.integrity}, ${answer.label.confidentiality}`]
    : [];
  const found = Object.entries(answer.findings ?? {}).map(([kind, count]) => `${kind} ×${count}`);
  const facts = [...about, ...found].map((fact) => terminal.paint("dim", escapeText(fact)));
  if (status === "completed") return [head, ...facts, showOutput(answer.output)];
  return [head, ...explain(answer).map(escapeText)];
}

function showOutput(output: JsonValue | undefined): string {
  return typeof output === "string" ? escapeText(output) : escapeJson(output ?? null);
}

function explain({ ring, code, detail, mend, approval }: CallAnswer): readonly string[] {
  const said = [
    [`ring ${ring ?? "-"}`, code].filter(Boolean).join("  "),
    detail,
    mend && `next: ${mend}`,
    approval && `approval ${approval}: ringward approvals show ${approval}`,
    approval && `after it was given: the same command with --approval ${approval}`,
  ];
  return said.filter((line): line is string => Boolean(line));
}
