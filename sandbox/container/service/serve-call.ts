import { randomBytes } from "node:crypto";
import { Refusal } from "../../../manifests/refusals.ts";
import type { BrokerDoor } from "../../broker/broker.ts";
import { failed } from "../../end.ts";
import type { SandboxJob, SandboxResult } from "../../sandbox.ts";
import { screened } from "../../screen.ts";
import { answerBytesOf, waitMsOf } from "../call/bounds.ts";
import { groundOf } from "../call/ground.ts";
import { Hearing } from "../call/hearing.ts";
import { isOther } from "../call/run-call.ts";
import { type DoorDeps, type Held, refused, type Shut, throughDoor } from "../call/through-door.ts";
import { toldText } from "../call/told.ts";
import type { Verdict } from "../call/verdict.ts";
import { copyOut, mountsOf } from "../files/files-of-call.ts";
import type { Cordon } from "../pool/cordon.ts";
import type { ServiceInstance } from "./service.ts";
import { serviceCordonOf } from "./service-cordon.ts";
import type { Kept, Services } from "./services.ts";

export interface ServeDeps extends DoorDeps {
  readonly services: Services;
  /** Absolute path of the folder beneath which mounts lie. */
  readonly workspace: string;
}

/**
 * Runs one call in the service of its session: it waits for its turn, and has the service to itself
 * until it is answered. What else the service does then has nobody's rights.
 */
export async function serveCall(
  job: SandboxJob,
  signal: AbortSignal,
  deps: ServeDeps,
): Promise<SandboxResult> {
  const { grant } = job;
  return await throughDoor({ grant, signal }, deps, (door, shut) =>
    new ServedCall({ job, door, shut, deps }).hold(signal),
  );
}

interface Parts {
  readonly job: SandboxJob;
  readonly door: BrokerDoor;
  readonly shut: Shut;
  readonly deps: ServeDeps;
}

class ServedCall {
  readonly #parts: Parts;
  readonly #nonce = randomBytes(16).toString("hex");
  readonly #hearing: Hearing;
  /** What is known once it had its turn. */
  #turn: Pick<Held, "known" | "ranIn"> = {};

  constructor(parts: Parts) {
    this.#parts = parts;
    const { grant } = parts.job;
    this.#hearing = new Hearing({
      nonce: this.#nonce,
      answerBytes: answerBytesOf(grant),
      outputBytes: grant.limits.outputKb * 1024,
    });
  }

  async hold(signal: AbortSignal): Promise<Held> {
    const verdict = await this.#verdict(signal);
    return { verdict, log: this.#hearing.log, cpuMs: 0, ...this.#turn };
  }

  async #verdict(signal: AbortSignal): Promise<Verdict> {
    const { deps } = this.#parts;
    try {
      const kept = deps.services.take(await this.#prepare());
      try {
        return await this.#wait(kept, signal);
      } finally {
        deps.services.give(kept);
      }
    } catch (error) {
      if (error instanceof Refusal) return refused(error);
      throw error;
    }
  }

  async #prepare(): Promise<Cordon> {
    const { job, door, deps } = this.#parts;
    const mounts = mountsOf(job.grant);
    for (const path of mounts) await door.mount(path);
    const ground = await groundOf(deps.workspace, mounts);
    const network = job.grant.permissions.net.length > 0;
    return serviceCordonOf(job.grant, { mounts, ground, network });
  }

  /** For an instance that is there when the turn has come; one that ended meanwhile serves nobody. */
  async #wait(kept: Kept, signal: AbortSignal): Promise<Verdict> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), waitMsOf(this.#parts.job.grant));
    const waiting = AbortSignal.any([signal, late.signal]);
    const served = async (instance: ServiceInstance): Promise<Verdict | undefined> =>
      instance.signal.aborted ? undefined : await this.#serve(kept, instance, signal);
    try {
      for (;;) {
        const instance = await kept.service.ready(waiting);
        const turn = (): Promise<Verdict | undefined> => served(instance);
        const verdict = await instance.during(this.#parts.door, turn, waiting);
        if (verdict) return verdict;
      }
    } catch (error) {
      const isLate = error instanceof Refusal && error.code === "CANCELLED" && !signal.aborted;
      throw isLate ? notReady(kept) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #serve(kept: Kept, instance: ServiceInstance, signal: AbortSignal): Promise<Verdict> {
    const { job, door, shut } = this.#parts;
    this.#turn = { ranIn: instance };
    if (isOther(instance.image, job.grant)) return failed("IMAGE_MISMATCH");
    const conversation = kept.conversationWith(instance);
    const text = toldText(job, { nonce: this.#nonce });
    const { wallMs } = job.grant.limits;
    try {
      const said = await conversation.ask({ text, hearing: this.#hearing, wallMs, signal });
      const verdict = screened(said, this.#hearing.log, door);
      // It may write nothing: files in its answer are refused, not lost.
      if (verdict.kind === "output") await copyOut(verdict.files ?? {}, door);
      return verdict;
    } finally {
      // Before the next turn: what still came of this one is in its label.
      await shut();
      conversation.learn(door.read);
      this.#turn = { ranIn: instance, known: conversation.memory };
    }
  }
}

/** What came of its last start, where that is why nobody answers. */
function notReady({ service: { state } }: Kept): Refusal {
  const code = state.phase === "running" ? undefined : state.lastEnd?.code;
  if (code === undefined) return new Refusal("SANDBOX_UNAVAILABLE", "the service had no time");
  return new Refusal(code, "the tool's service does not start, or is not healthy");
}
