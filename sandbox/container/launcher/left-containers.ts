import { isAnswered } from "../../unix-socket.ts";
import type { Engine } from "./engine.ts";
import type { Room } from "./room.ts";

interface Ground {
  readonly engine: Engine;
  readonly room: Room;
  /** `ringward.instance` and `ringward.launcher`, as this launcher gives them. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Containers of the instance that belong to nobody: their launcher answers no more, or it is this
 * one, which knows nothing of them. A server and a command line of one deployment have a launcher
 * each, so those of another one that lives are left alone.
 *
 * @throws {EngineFault}
 */
export async function findLeft({ engine, room, labels }: Ground): Promise<readonly string[]> {
  const found = await engine.containers(`${instanceLabel}=${labels[instanceLabel]}`);
  const launchers = new Set(found.map(({ labels: own }) => own[launcherLabel] ?? ""));
  launchers.delete(labels[launcherLabel] ?? "");
  const alive = new Set<string>();
  for (const one of launchers) if (await isAnswered(one)) alive.add(one);
  return found
    .filter(({ labels: own }) => !alive.has(own[launcherLabel] ?? ""))
    .filter(({ labels: own }) => !room.has(own["ringward.slot"] ?? ""))
    .map(({ id }) => id);
}

const instanceLabel = "ringward.instance";
const launcherLabel = "ringward.launcher";
