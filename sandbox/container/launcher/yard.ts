import type { LaunchGround } from "./check-launch.ts";
import type { Engine } from "./engine.ts";
import type { Reaper } from "./reaper.ts";
import type { Room } from "./room.ts";

/** What all containers of one launcher share. */
export interface Yard {
  readonly engine: Engine;
  readonly ground: LaunchGround;
  readonly room: Room;
  readonly reaper: Reaper;
  /** On each container, beside those of its own. */
  readonly labels: Readonly<Record<string, string>>;
  /** What one container of a call may say before it is ended. */
  readonly outputBytes: number;
  /** For whoever runs the launcher: what the engine said, and bugs of ours. One line, which strangers
   * may have made. */
  readonly note: (line: string) => void;
}
