import { actionsMutations } from "./actions.ts";
import { callsMutations } from "./calls.ts";
import { classifierMutations } from "./classifier.ts";
import { compositionMutations } from "./composition.ts";
import { containerCallsMutations } from "./container-calls.ts";
import { containerEgressMutations } from "./container-egress.ts";
import { containerFilesMutations } from "./container-files.ts";
import { containerLifeMutations } from "./container-life.ts";
import { containerPoolMutations } from "./container-pool.ts";
import { containerProofMutations } from "./container-proof.ts";
import { containerSaidMutations } from "./container-said.ts";
import { containerServedMutations } from "./container-served.ts";
import { containerServiceMutations } from "./container-service.ts";
import { destinationsMutations } from "./destinations.ts";
import { doorsMutations } from "./doors.ts";
import { fetchMutations } from "./fetch.ts";
import { labelsMutations } from "./file-labels.ts";
import { filesMutations } from "./files.ts";
import { filterMutations } from "./filter.ts";
import { heldValuesMutations } from "./held-values.ts";
import { imagesMutations } from "./images.ts";
import { injectionMutations } from "./injection.ts";
import { jailMutations } from "./jail.ts";
import { launcherMutations } from "./launcher.ts";
import { launchersMutations } from "./launchers.ts";
import { linkMutations } from "./link.ts";
import { outputMutations } from "./output.ts";
import { personalMutations } from "./personal.ts";
import { poolMutations } from "./pool.ts";
import { profileMutations } from "./profile.ts";
import { proofMutations } from "./proof.ts";
import { protocolMutations } from "./protocol.ts";
import { provenance } from "./provenance.ts";
import { proxyMutations } from "./proxy.ts";
import { proxyRulesMutations } from "./proxy-rules.ts";
import { readingsMutations } from "./readings.ts";
import { reaperMutations } from "./reaper.ts";
import { scanThreadsMutations } from "./scan-threads.ts";
import { secretContextMutations } from "./secret-context.ts";
import { secretsMutations } from "./secrets.ts";
import { secretsFindingsMutations } from "./secrets-findings.ts";
import { selfProofMutations } from "./self-proof.ts";
import { signalsMutations } from "./signals.ts";
import { strangersMutations } from "./strangers.ts";
import { structureMutations } from "./structure.ts";
import { tiersMutations } from "./tiers.ts";
import { tokensMutations } from "./tokens.ts";
import { tunnelsMutations } from "./tunnels.ts";
import { viewsMutations } from "./views.ts";
import { wallsMutations } from "./walls.ts";
import { workerMutations } from "./worker.ts";
import { workersMutations } from "./workers.ts";

/*
 * Each wall and each check of the sandbox and the broker has its mutation, but for these:
 *
 * - What stands behind another wall that does the same: `--die-with-parent`, `--kill-child` and
 *   `--pdeathsig` behind one another, `--new-session` behind the session of `spawnJailed`, an empty
 *   `env` of `spawnJailed` behind that of the launchers, `agent: false` behind `connection: close`,
 *   the forms of `said.ts` behind the numbers of its words and of its requests, and `:` in names of
 *   headers behind their alphabet. Taken out alone nothing can be seen; together they are two walls.
 * - The same of containers: the method of a program's request and the host that it has to name
 *   behind the rules of its destination, what ends a tunnel or half an answer behind `pump`, the call's
 *   signal behind its connections, a second opening of a mounted folder behind the first look, the
 *   fault of a container that waits behind its pool.
 * - What would change the machine that the tests run on: `--mount` and the lines of `sh` that build
 *   the trees, which would be built over its own; that groups of a gateway that lives are left alone,
 *   for all workers on the machine would be ended.
 * - What `disarm` takes away from a guest, and Node's sizes of heaps: no wall rests on them.
 * - What takes another machine's state: a process of another namespace of numbers in a container's
 *   group, one that no signal ends, a number that became somebody else's.
 * - What is not to be seen from outside, or not here: memory that is not kept, a pause that is a
 *   little longer, the time zone of a machine that has another one than UTC.
 */

/** One wall or check, what takes it out, and the test that has to notice. */
export interface Mutation {
  readonly takesOut: string;
  readonly file: string;
  /** Stands once in the file. */
  readonly from: string;
  readonly to: string;
  readonly test: string;
}

export const mutations: readonly Mutation[] = [
  ...actionsMutations,
  ...callsMutations,
  ...classifierMutations,
  ...compositionMutations,
  ...containerCallsMutations,
  ...containerEgressMutations,
  ...containerFilesMutations,
  ...containerLifeMutations,
  ...containerPoolMutations,
  ...containerProofMutations,
  ...containerSaidMutations,
  ...containerServedMutations,
  ...containerServiceMutations,
  ...destinationsMutations,
  ...doorsMutations,
  ...fetchMutations,
  ...filesMutations,
  ...filterMutations,
  ...heldValuesMutations,
  ...imagesMutations,
  ...injectionMutations,
  ...jailMutations,
  ...labelsMutations,
  ...launcherMutations,
  ...launchersMutations,
  ...linkMutations,
  ...outputMutations,
  ...personalMutations,
  ...poolMutations,
  ...profileMutations,
  ...provenance,
  ...proofMutations,
  ...protocolMutations,
  ...proxyMutations,
  ...proxyRulesMutations,
  ...reaperMutations,
  ...scanThreadsMutations,
  ...secretContextMutations,
  ...secretsMutations,
  ...secretsFindingsMutations,
  ...selfProofMutations,
  ...signalsMutations,
  ...strangersMutations,
  ...structureMutations,
  ...tiersMutations,
  ...tokensMutations,
  ...tunnelsMutations,
  ...readingsMutations,
  ...viewsMutations,
  ...wallsMutations,
  ...workerMutations,
  ...workersMutations,
];
