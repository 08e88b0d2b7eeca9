import { randomBytes, X509Certificate } from "node:crypto";
import { mkdir, readFile, realpath } from "node:fs/promises";
import type { Suppressor } from "../guardrails/suppressions/suppressor.ts";
import { ScanThreads } from "../guardrails/threads/scan-threads.ts";
import { type Digest, digestParts } from "../manifests/digest.ts";
import type { SessionRequest } from "../manifests/session.ts";
import type { Tier } from "../manifests/tier.ts";
import { compilePolicies, type PolicyEngine, readPolicies } from "../policies/engine.ts";
import { narrow } from "../policies/narrow.ts";
import type { Broker } from "../sandbox/broker/broker.ts";
import { createBroker } from "../sandbox/broker/create-broker.ts";
import { removeLeftDrafts } from "../sandbox/broker/files/draft.ts";
import { createIsolateSandbox } from "../sandbox/isolate/isolate-sandbox.ts";
import { Ground, type GroundOptions } from "../sandbox/isolate/proof/ground.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { CallsInFlight } from "./calls-in-flight.ts";
import { type Config, controlsOf } from "./config/config.ts";
import { imagesFileOf } from "./config/containers-config.ts";
import { readSuppressor } from "./config/read-suppressions.ts";
import { createCredentials } from "./credentials/create-credentials.ts";
import type { Clock, Deps } from "./deps.ts";
import { createFileLabels } from "./files/file-labels.ts";
import { createGuard } from "./guard.ts";
import { createIds } from "./ids.ts";
import { type ContainerTiers, openContainers } from "./open-containers.ts";
import { createSecrets, type HeldSecrets } from "./secrets/create-secrets.ts";
import { type Environment, emptyEnvironment } from "./secrets/environment.ts";
import { secretsPlace } from "./secrets/secrets-file.ts";
import { SelfProof } from "./self-proof/self-proof.ts";
import { type OpenedSession, openSession } from "./sessions/open-session.ts";
import { createSessions } from "./sessions/sessions.ts";
import { createSignals } from "./signals/signals.ts";
import { openStore } from "./store/open-store.ts";
import type { Actor, Store } from "./store/store.ts";
import { loadTools } from "./tools/load-tools.ts";
import { type Images, readImages } from "./tools/read-images.ts";
import type { Tool } from "./tools/tool.ts";

/** A gateway that is ready to take calls, without a door yet: HTTP and the command line share it. */
export interface Gateway {
  readonly config: Config;
  readonly deps: Deps;
  readonly calls: CallsInFlight;
  readonly selfProof: SelfProof;
  /** Absent where container tiers are off. */
  readonly containers?: ContainerTiers;
  /** Opens a session and the token that is good for it alone; the token is shown this once. */
  openSession(request: SessionRequest, by: Actor): Promise<OpenedSession>;
  /** Stops calls in flight, lets them settle, signs the last checkpoint, ends all workers. */
  close(): Promise<void>;
}

export interface GatewayOptions {
  /** Who writes the record: the one server of a store, or one of its command lines. */
  readonly writer: "gateway" | "cli";
  readonly clock?: Clock;
  /** Of the isolate tier's walls; those of the machine where it is left out. */
  readonly ground?: Pick<GroundOptions, "alter" | "launchers">;
  /** Where secrets and their key may be named; nothing where it is left out. */
  readonly env?: Environment;
  /** Instead of the deployment's own: each ring looks at what is proposed, and it runs here. */
  readonly standIns?: StandIns;
}

export interface StandIns {
  readonly tools: ReadonlyMap<string, Tool>;
  readonly sandboxes: ReadonlyMap<Tier, Sandbox>;
}

/**
 * Puts a gateway together from a deployment: the composition root of everything but the doors.
 *
 * @throws {SourceError} for a policy or manifest that is wrong; `Error` for a store or workspace
 * that cannot be used. Nothing stays open then.
 */
export async function openGateway(config: Config, options: GatewayOptions): Promise<Gateway> {
  const images = await readImages(imagesFileOf(config));
  const { standIns } = options;
  const tools = standIns?.tools ?? (await loadToolsOf(config, images));
  const manifests = [...tools.values()].map((tool) => tool.manifest);
  const policy = compilePolicies(await readPolicies(config.policies), manifests);
  const clock = options.clock ?? systemClock;
  const suppressor = await readSuppressor(config, { tools, now: clock.now() });
  const secrets = createSecrets(
    config.secrets,
    secretsPlace(config, options.env ?? emptyEnvironment),
  );
  const ground = options.ground ?? {};
  const own = { images, tools, ...(standIns && { sandboxes: standIns.sandboxes }) };
  const parts = { config, clock, policy, secrets, suppressor, ground, ...own };
  const store = await openStore({
    folder: config.state,
    writer: options.writer,
    now: parts.clock.now,
  });
  try {
    return assemble(await composeDeps(parts, store), config);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function loadToolsOf(
  { tools: shipped, manifests: folders }: Config,
  images: Images,
): Promise<ReadonlyMap<string, Tool>> {
  return await loadTools({ ...(shipped && { shipped }), folders, images });
}

const systemClock: Clock = { now: Date.now, monotonic: () => performance.now() };

interface Parts {
  readonly config: Config;
  readonly clock: Clock;
  readonly images: Images;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly policy: PolicyEngine;
  readonly secrets: HeldSecrets;
  readonly suppressor: Suppressor;
  readonly ground: Pick<GroundOptions, "alter" | "launchers">;
  /** Stand-ins for those of the deployment. */
  readonly sandboxes?: ReadonlyMap<Tier, Sandbox>;
}

/** Where the composition keeps hold of what it has to close. */
interface Composed extends Deps {
  readonly selfProof: SelfProof;
  readonly containers?: ContainerTiers;
  readonly threads: ScanThreads;
}

async function composeDeps(parts: Parts, store: Store): Promise<Composed> {
  const { config, clock, images, tools, policy, secrets, suppressor } = parts;
  const { mode } = config;
  const { broker, workspace } = await openWorkspace(parts, store);
  const onBug = (error: unknown): void => void recordBug(error, store);
  const containers = openContainers(config, { broker, workspace, images, onBug });
  const sandboxes =
    parts.sandboxes ??
    new Map<Tier, Sandbox>([
      ["isolate", createIsolate(parts, broker)],
      ...(containers?.sandboxes ?? []),
    ]);
  const atNeed = new Set<Tier>(containers?.isNamed === false ? containers.sandboxes.keys() : []);
  const threads = new ScanThreads();
  const guardParts = { threads, held: secrets.held };
  return {
    clock,
    newId: createIds(clock.now),
    newSeed: () => randomBytes(16).toString("hex"),
    store,
    credentials: createCredentials({ store, clock, ...(config.jwt && { jwt: config.jwt }) }),
    tools,
    policy,
    narrow,
    sessions: createSessions(store.sessions),
    secrets,
    guards: {
      input: createGuard(config.guards.input, guardParts),
      output: createGuard(config.guards.output, guardParts),
      actions: config.guards.actions,
      suppressor,
    },
    threads,
    signals: createSignals(store.freezes, config.signals),
    sandboxes,
    selfProof: new SelfProof({ mode, sandboxes, atNeed, clock, record: store.record }),
    ...(containers && { containers }),
    bundle: bundleDigest(parts),
  };
}

/** The one broker, which serves the sandboxes of every tier. */
async function openWorkspace(
  { config, secrets }: Parts,
  store: Store,
): Promise<{ readonly broker: Broker; readonly workspace: string }> {
  await mkdir(config.workspace, { recursive: true, mode: 0o700 });
  const workspace = await realpath(config.workspace);
  const protectedPaths = controlsOf(config).map(([, path]) => path);
  await removeLeftDrafts(workspace);
  const labels = createFileLabels(store.files, config.files);
  const authorities = await readAuthorities(config.authorities);
  const served = { workspace, hosts: config.hosts, protectedPaths, labels, secrets };
  return { workspace, broker: createBroker({ ...served, ...(authorities && { authorities }) }) };
}

/** Of a request that no call waits for any more, or that was answered without its cause. */
async function recordBug(error: unknown, { record }: Store): Promise<void> {
  const what = String(error).slice(0, 1_000).toWellFormed();
  await record.append({ kind: "bug", where: "container tiers", what }).catch(() => undefined);
}

function createIsolate({ config, ground }: Parts, broker: Broker): Sandbox {
  const mayLackWalls = config.mode === "development";
  return createIsolateSandbox({
    broker,
    workers: config.workers,
    ground: new Ground({ ...ground, outside: [config.state], mayLackWalls }),
  });
}

async function readAuthorities(files: readonly string[]): Promise<readonly string[] | undefined> {
  if (files.length === 0) return undefined;
  return await Promise.all(files.map(readAuthority));
}

/** Node takes a file that is no certificate without a word, and then trusts nobody by it. */
async function readAuthority(file: string): Promise<string> {
  try {
    const text = await readFile(file, "utf8");
    new X509Certificate(text);
    return text;
  } catch (cause) {
    const mend = "mend `authorities`, or bring a certificate in PEM there";
    throw new Error(`${file}: no certificate can be read there (${mend})`, { cause });
  }
}

/** Policies, manifests and tool code together: what every grant and record is bound to. */
function bundleDigest({ policy, tools }: Parts): Digest {
  const pins = [...tools.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return digestParts("bundle", [policy.digest, ...pins.map(([name, { pin }]) => `${name}=${pin}`)]);
}

function assemble(deps: Composed, config: Config): Gateway {
  const calls = new CallsInFlight(deps);
  return {
    config,
    deps,
    calls,
    selfProof: deps.selfProof,
    ...(deps.containers && { containers: deps.containers }),
    openSession: (request, by) => openSession(request, by, deps),
    async close() {
      await calls.drain();
      await deps.selfProof.close();
      await Promise.all([...deps.sandboxes.values()].map((sandbox) => sandbox.close()));
      await deps.containers?.close();
      await deps.threads.close();
      await deps.store.close();
    },
  };
}
