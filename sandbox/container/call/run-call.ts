import { randomBytes } from "node:crypto";
import type { Grant } from "../../../manifests/grant.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { BrokerDoor } from "../../broker/broker.ts";
import { failed } from "../../end.ts";
import type { SandboxJob, SandboxResult } from "../../sandbox.ts";
import { screened } from "../../screen.ts";
import { copiesIn, copyOut, mountsOf } from "../files/files-of-call.ts";
import type { Ended, Launched } from "../link/launcher.ts";
import type { ContainerPool } from "../pool/container-pool.ts";
import { type Cordon, cordonOf } from "../pool/cordon.ts";
import type { Standing } from "../pool/standing.ts";
import { answerBytesOf, waitMsOf } from "./bounds.ts";
import { groundOf } from "./ground.ts";
import { Hearing } from "./hearing.ts";
import type { Told } from "./talk.ts";
import { type DoorDeps, type Held, refused, throughDoor } from "./through-door.ts";
import { toldText } from "./told.ts";
import type { Verdict } from "./verdict.ts";

export interface CallDeps extends DoorDeps {
  readonly pool: ContainerPool;
  /** Absolute path of the folder beneath which mounts lie. */
  readonly workspace: string;
}

/**
 * Runs one call in a container that serves no other. The answer ends it: as soon as the verdict is
 * known, whatever it is, the container is killed, and nothing that it does has any effect.
 */
export async function runCall(
  job: SandboxJob,
  signal: AbortSignal,
  deps: CallDeps,
): Promise<SandboxResult> {
  const { grant } = job;
  return await throughDoor({ grant, signal }, deps, (door) =>
    new ContainerCall(job, door, deps).hold(signal),
  );
}

class ContainerCall {
  readonly #job: SandboxJob;
  readonly #door: BrokerDoor;
  readonly #deps: CallDeps;
  readonly #nonce = randomBytes(16).toString("hex");
  readonly #hearing: Hearing;
  #standing: Standing | undefined;
  #cpuMs = 0;

  constructor(job: SandboxJob, door: BrokerDoor, deps: CallDeps) {
    this.#job = job;
    this.#door = door;
    this.#deps = deps;
    this.#hearing = new Hearing({
      nonce: this.#nonce,
      answerBytes: answerBytesOf(job.grant),
      outputBytes: job.grant.limits.outputKb * 1024,
    });
  }

  async hold(signal: AbortSignal): Promise<Held> {
    const verdict = await this.#verdict(signal);
    const { launched } = this.#standing ?? {};
    const { log } = this.#hearing;
    return { verdict, log, cpuMs: this.#cpuMs, ...(launched && { ranIn: launched }) };
  }

  async #verdict(signal: AbortSignal): Promise<Verdict> {
    try {
      const { cordon, files } = await this.#prepare();
      this.#standing = await this.#deps.pool.take(cordon, waitMsOf(this.#job.grant), signal);
      const said = await this.#talk(this.#standing, files, signal);
      const verdict = screened(said, this.#hearing.log, this.#door);
      if (verdict.kind === "output") await copyOut(verdict.files ?? {}, this.#door);
      return verdict;
    } catch (error) {
      if (error instanceof Refusal) return refused(error);
      throw error;
    }
  }

  /** Code of ours asks at the door, file by file; a program finds what it may touch. */
  async #prepare(): Promise<Prepared> {
    const { grant, code } = this.#job;
    if (code !== "") {
      const { net, fs } = grant.permissions;
      const network = net.length + fs.length > 0;
      return { cordon: cordonOf(grant, { mounts: [], ground: "", network }) };
    }
    const mounts = mountsOf(grant);
    for (const path of mounts) await this.#door.mount(path);
    const ground = await groundOf(this.#deps.workspace, mounts);
    const network = grant.permissions.net.length > 0;
    const cordon = cordonOf(grant, { mounts, ground, network });
    // Where nothing may be left, what a program writes is nobody's business.
    const writes = grant.permissions.fs.some(({ access }) => access === "write");
    return writes ? { cordon, files: await copiesIn(grant, this.#door) } : { cordon };
  }

  async #talk(standing: Standing, files: Files | undefined, signal: AbortSignal): Promise<Verdict> {
    const { launched, socket } = standing;
    try {
      if (standing.fault) return refused(standing.fault);
      if (isOther(launched.image, this.#job.grant)) return failed("IMAGE_MISMATCH");
      standing.claim(this.#hearing.hear);
      const credential = socket?.admit(this.#door);
      const rest = { nonce: this.#nonce, ...(credential !== undefined && { credential }) };
      launched.write(Buffer.from(`${toldText(this.#job, { ...rest, ...(files && { files }) })}\n`));
      launched.endInput();
      const verdict = await this.#listen(launched, signal);
      const ended = await standing.quiet();
      this.#cpuMs = ended.cpuMs ?? 0;
      return this.#believed(verdict, ended);
    } finally {
      this.#deps.pool.give(standing);
    }
  }

  /** Until it has answered, has ended, or has to. */
  async #listen(launched: Launched, signal: AbortSignal): Promise<Verdict> {
    const forced = Promise.withResolvers<Verdict>();
    const cancel = (): void => forced.resolve(failed("CANCELLED"));
    const { wallMs } = this.#job.grant.limits;
    const deadline = setTimeout(() => forced.resolve(failed("TIMEOUT_WALL")), wallMs);
    signal.addEventListener("abort", cancel, { once: true });
    if (signal.aborted) cancel();
    try {
      const ended = launched.ended.then((how) => this.#hearing.verdictAt(how));
      return await Promise.race([this.#hearing.decided, ended, forced.promise]);
    } finally {
      clearTimeout(deadline);
      signal.removeEventListener("abort", cancel);
    }
  }

  /** What it said counts where it said nothing else, and is known to be over. */
  #believed(verdict: Verdict, { lost }: Ended): Verdict {
    if (verdict.kind === "failed") return verdict;
    if (lost) return failed("ENGINE_UNAVAILABLE");
    return this.#hearing.isLate ? failed("OUTPUT_UNREADABLE") : verdict;
  }
}

type Files = NonNullable<Told["files"]>;

interface Prepared {
  readonly cordon: Cordon;
  readonly files?: Files;
}

/** Whether it runs another image than was granted; by a registry's digest only the launcher can tell. */
export function isOther(image: string, { sandbox: { image: granted = "" } }: Grant): boolean {
  return granted.startsWith("sha256:") && granted !== image;
}
