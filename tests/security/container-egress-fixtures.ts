import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import type { Grant } from "../../manifests/grant.ts";
import type { JsonValue } from "../../manifests/json.ts";
import type { NetPermission } from "../../manifests/permissions.ts";
import type { ContainerTier } from "../../manifests/tier.ts";
import type { BrokerOptions } from "../../sandbox/broker/door-context.ts";
import type { ImageName } from "../../sandbox/container/images/recipes.ts";
import type { BrokerEntry, SandboxResult } from "../../sandbox/sandbox.ts";
import { inContainer } from "../container-calls-fixtures.ts";
import type { TestEngine } from "../support/engine.ts";
import { testImages } from "../support/test-images.ts";
import { pinOf, testLauncher } from "../support/test-launcher.ts";
import { openSandbox } from "../support/test-sandbox.ts";
import { type Net, net } from "./broker-fetch-fixtures.ts";
import { type AttackId, endingsOf } from "./catalogue.ts";
import { detail, eachTier, leavesNothing, type Opened, plantCanary } from "./container-attacks.ts";
import { head, plain, type Spot } from "./proxy-fixtures.ts";

/** What a program in a container says to the proxy, straight at its socket and through the port. */
export interface Attack {
  readonly name: string;
  readonly says: string | Buffer;
  /** Said when a tunnel is granted. */
  readonly then?: string | Buffer;
  /** Says right behind that that nothing more comes. */
  readonly isEnded?: boolean;
  /**
   * Waits for the proxy to end the connection, and does not end its own side. The next attacks do not
   * wait for it.
   */
  readonly isPatient?: boolean;
}

export interface Heard {
  readonly name: string;
  readonly to: Door;
  readonly heard: string;
  /** All of them; `heard` is the beginning. */
  readonly bytes: number;
}

const doors = ["socket", "port"] as const;
type Door = (typeof doors)[number];

export interface Egress extends Opened {
  /** A server on loopback that says `reached`, under the names `tool.test` and `other.test`. */
  readonly origin: Net;
  /** Attacks on it are written with this; the program puts its own credential there. */
  readonly spot: Spot;
  /** One call of the image's runner. */
  run(input: ShellInput | ScriptInput, change?: Partial<Grant>): Promise<SandboxResult>;
  /** One call with attacks at each door, and at last a request at each that is served. */
  say(attacks: readonly Attack[], change?: Partial<Grant>): Promise<Said>;
  /**
   * The attacks from inside a container. Each has to end as the catalogue says, and the server hears
   * nothing but a last request of each door, which is served; so are calls of the same and of
   * another principal after the first attacks of that name.
   */
  send(id: AttackId, attacks: readonly Attack[], net?: readonly NetPermission[]): Promise<Sent>;
}

export interface Sent {
  readonly heard: readonly Heard[];
  /** Of the attacks. */
  readonly booked: readonly BrokerEntry[];
}

export interface Said {
  readonly result: SandboxResult;
  readonly heard: readonly Heard[];
}

/** For the image `node`. */
export interface ScriptInput {
  readonly code: string;
  readonly input?: JsonValue;
}

export interface ShellInput {
  readonly command: string;
  readonly stdin?: string;
  readonly files?: Readonly<Record<string, string>>;
}

export interface EgressChoices {
  /** `shell`, if not another one. */
  readonly image?: ImageName;
  /** Of further tools, for `sh -c`; the runner's is the first. */
  readonly scripts?: readonly string[];
  readonly broker?: Partial<BrokerOptions>;
  /** Of the server; without it, it says `reached`. */
  readonly listener?: Parameters<typeof net>[1];
}

/** On each tier whose runtime is here. */
export function fromInside(
  test: (name: string, run: (t: Test) => Promise<void>) => unknown,
  choices: EgressChoices | ((t: Test) => EgressChoices),
  run: (t: Test, egress: Egress) => Promise<void>,
): void {
  const open = (t: Test, engine: TestEngine, tier: ContainerTier): Promise<Egress> =>
    openEgress(t, engine, { tier, ...(typeof choices === "function" ? choices(t) : choices) });
  eachTier(test, open, run);
}

/** As long as every credential, in its letters. */
export const mark = "in-the-place-of-the-credential-of-the-call-";

const hosts = { "tool.test": "127.0.0.1", "other.test": "127.0.0.1", "private.test": "10.0.0.1" };

interface EgressOptions extends EgressChoices {
  readonly tier: ContainerTier;
}

async function openEgress(
  t: Test,
  engine: TestEngine,
  { tier, image: name = "shell", scripts = [], broker, listener }: EgressOptions,
): Promise<Egress> {
  const image = (await testImages(engine, [name]))[name];
  const tools = [`exec /ringward/run ${name}`, ...scripts].map((script) => ({
    ...{ script, memoryMb: 64, isNetworked: true },
  }));
  const launcher = await testLauncher(t, { engine: engine.socket, image, tools });
  plantCanary(launcher);
  const sandbox = openSandbox(t, launcher, { tier, broker: { hosts, ...broker } });
  const origin = await net(t, (request, response) => {
    if (request.url === control || !listener) response.end("reached");
    else listener(request, response);
  });
  const run: Egress["run"] = (input, change = {}) => {
    const grant = inContainer({
      ...{ toolPin: pinOf(0), sandbox: { tier, author: "operator", jit: false } },
      limits: { wallMs: 30_000, cpuMs: 20_000, memoryMb: 64, outputKb: 256 },
      permissions: { net: [plain(origin.port)], fs: [] },
      ...change,
    });
    const job = { grant, code: "", input: JSON.stringify(input) };
    return sandbox.run(job, new AbortController().signal);
  };
  const spot = { at: origin, way: { credential: mark } };
  const say = sayWith(t, { spot, run });
  const send = sendWith(t, { origin, say });
  return { tier, launcher, sandbox, origin, spot, run, say, send };
}

/** A path that each call may ask. */
const control = "/control";

/** At both doors; more could not be asked by one call. */
const attacksPerCall = 24;

type Sending = Pick<Egress, "origin" | "say">;

function sendWith(t: Test, egress: Sending): Egress["send"] {
  const tried = new Set<AttackId>();
  return async (id, attacks, permissions = [plain(egress.origin.port)]) => {
    const sent: Sent[] = [];
    for (let at = 0; at < attacks.length; at += attacksPerCall) {
      const portion = attacks.slice(at, at + attacksPerCall);
      sent.push(await sendPortion(t, egress, { id, attacks: portion, permissions }));
    }
    const principals = tried.has(id) ? [] : ["agent", "other"];
    tried.add(id);
    await Promise.all(principals.map((principal) => egress.say([], { principal })));
    return { heard: sent.flatMap(({ heard }) => heard), booked: sent.flatMap((one) => one.booked) };
  };
}

interface Portion {
  readonly id: AttackId;
  readonly attacks: readonly Attack[];
  readonly permissions: readonly NetPermission[];
}

async function sendPortion(
  t: Test,
  { origin, say }: Sending,
  { id, attacks, permissions }: Portion,
): Promise<Sent> {
  const before = origin.seen.length;
  const net = [plain(origin.port, { path: control }), ...permissions];
  const { result, heard } = await say(attacks, { permissions: { net, fs: [] } });
  leavesNothing(t, id, result);
  const seen = origin.seen.slice(before).filter((line) => !line.includes(control));
  t.strictSame(seen, [], `${id}: nothing comes to the server`);
  const booked = result.requests.filter(({ target }) => !target.endsWith(control));
  const codes = [...booked.map(({ code = "completed" }) => code), ...heard.flatMap(codesIn)];
  const unknown = codes.filter((code) => !endingsOf(id).includes(code));
  t.strictSame(unknown, [], `${id}: each ends as it may`);
  const served = heard.filter((one) => /reached|\[silence\]/.test(one.heard));
  t.strictSame(served, [], `${id}: nobody is served, and nobody waits without end`);
  return { heard, booked };
}

function sayWith(t: Test, { run, spot }: Pick<Egress, "run" | "spot">): Egress["say"] {
  const line = `${head(spot, spot.at.url + control)}Connection: close\r\n\r\n`;
  const last = { name: "the last", says: line, isPatient: true };
  return async (attacks, change) => {
    const said = [...attacks, last].flatMap((attack) => doors.map((to) => ({ ...attack, to })));
    const parts = [said.slice(0, -doors.length), said.slice(-doors.length)];
    const stdin = JSON.stringify({
      ...{ mark, half: mark.slice(0, 20), attacks: parts.map((part) => part.map(written)) },
    });
    const result = await run({ command: "python3 attack.py", files, stdin }, change);
    const answers = JSON.parse(stdoutOf(t, result) || "[]") as readonly Answer[];
    const heard = said.map(({ name, to }, at) => ({
      name,
      to,
      heard: "",
      bytes: 0,
      ...answers[at],
    }));
    const served = heard.splice(-doors.length).map((one) => one.heard.slice(-"reached".length));
    t.strictSame(served, ["reached", "reached"], "both doors serve");
    return { result, heard };
  };
}

type Answer = Omit<Heard, "name" | "to">;

/** As the program reads it. */
export function written(attack: Attack & Pick<Heard, "to">): object {
  const { to, says, then, isEnded = false, isPatient = false } = attack;
  const texts = then === undefined ? [says] : [says, then];
  return { to, isEnded, isPatient, says: texts.map(base64) };
}

const files = {
  "attack.py": readFileSync(join(import.meta.dirname, "container-egress.py"), "utf8"),
};

/** A program in Python that may import what `container-egress.py` can. */
export function attacking(program: string): ShellInput {
  return {
    command: "python3 own.py",
    files: { ...files, "own.py": `from attack import *\n${program}` },
  };
}

function base64(text: string | Buffer): string {
  return (typeof text === "string" ? Buffer.from(text, "latin1") : text).toString("base64");
}

/** Of a call of the runner's that has answered. */
export function stdoutOf(t: Test, result: SandboxResult): string {
  t.equal(result.kind, "output", `the call answers ${detail(result)}`);
  if (result.kind !== "output") return "";
  const { stdout, stderr } = JSON.parse(result.output) as Record<"stdout" | "stderr", string>;
  t.equal(stderr, "", "nothing is on its standard error");
  return stdout;
}

/** Of a refusal that a program was told. */
export function codesIn({ heard }: Pick<Heard, "heard">): readonly string[] {
  return [...heard.matchAll(/\r\n\r\n\{"code":"([A-Z_]+)"/g)].map(([, code = ""]) => code);
}
