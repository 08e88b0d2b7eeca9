import { Refusal } from "../../../manifests/refusals.ts";
import { isLaunchRefusal, type LauncherWord, type LaunchRefusal } from "../link/words.ts";
import { EngineFault } from "./engine.ts";
import { NoAnswer } from "./within.ts";

/** What the gateway is told; words of the engine's, and of bugs of ours, are for `note` alone. */
export function refusedWord(error: unknown, note: (line: string) => void): LauncherWord {
  if (error instanceof Refusal && isLaunchRefusal(error.code)) {
    return { word: "refused", code: error.code, detail: error.message };
  }
  if (error instanceof EngineFault || error instanceof NoAnswer) {
    note(error.message);
    return { word: "refused", ...said(error) };
  }
  note(`a bug in the launcher: ${String(error)}`);
  return { word: "refused", code: "INTERNAL", detail: "the launcher failed at it" };
}

function said(error: EngineFault | NoAnswer): {
  readonly code: LaunchRefusal;
  readonly detail: string;
} {
  const { status, code = "" } = error instanceof EngineFault ? error : {};
  if (status === undefined) {
    return { code: "ENGINE_UNAVAILABLE", detail: silences[code] ?? "the engine did not answer" };
  }
  return { code: "SANDBOX_UNAVAILABLE", detail: "the engine did not start the container" };
}

/** Why it did not, by the system's codes. */
const silences: Readonly<Record<string, string>> = {
  ENOENT: "no container engine answers",
  ECONNREFUSED: "no container engine answers",
  EACCES: "the launcher may not open the engine's socket",
};
