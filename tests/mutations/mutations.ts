import { callsMutations } from "./calls.ts";
import { destinationsMutations } from "./destinations.ts";
import { doorsMutations } from "./doors.ts";
import { fetchMutations } from "./fetch.ts";
import { labelsMutations } from "./file-labels.ts";
import { filesMutations } from "./files.ts";
import { filterMutations } from "./filter.ts";
import { jailMutations } from "./jail.ts";
import { launchersMutations } from "./launchers.ts";
import { poolMutations } from "./pool.ts";
import { proofMutations } from "./proof.ts";
import { protocolMutations } from "./protocol.ts";
import { secretsMutations } from "./secrets.ts";
import { selfProofMutations } from "./self-proof.ts";
import { signalsMutations } from "./signals.ts";
import { wallsMutations } from "./walls.ts";
import { workerMutations } from "./worker.ts";
import { workersMutations } from "./workers.ts";

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
  ...callsMutations,
  ...destinationsMutations,
  ...doorsMutations,
  ...fetchMutations,
  ...filesMutations,
  ...filterMutations,
  ...jailMutations,
  ...labelsMutations,
  ...launchersMutations,
  ...poolMutations,
  ...proofMutations,
  ...protocolMutations,
  ...secretsMutations,
  ...selfProofMutations,
  ...signalsMutations,
  ...wallsMutations,
  ...workerMutations,
  ...workersMutations,
];
