import { type Check, ok, type Patient, warn } from "./check.ts";

/** The first user id that Debian, Fedora and their kin give to a person. */
const firstPersonUid = 1_000;

/** Who runs the gateway, and whether an agent could be the same user. */
export function checkUsers({ terminal }: Patient): readonly Check[] {
  const { name, uid } = terminal.user;
  return [checkRoot(name, uid), checkSeparation(name, uid)];
}

function checkRoot(name: string, uid: number): Check {
  if (uid !== 0) return ok("user", `runs as ${name}, uid ${uid}`);
  return warn("user", "runs as root", "run the gateway as a user of its own, without a shell");
}

/** No program can see which process is the agent: this says when it could be the same user. */
function checkSeparation(name: string, uid: number): Check {
  if (uid > 0 && uid < firstPersonUid) return ok("agent's user", `${name} is a service's account`);
  return warn(
    "agent's user",
    `every guarantee is void for an agent that runs as ${name} too: it can read the keys and rewrite the record`,
    "run the gateway as a system user that runs nothing else, and the agent as another user",
  );
}
