import { Refusal } from "../../../manifests/refusals.ts";
import { isLaunchRefusal, type LauncherWord, type LaunchRefusal } from "../link/words.ts";
import { EngineFault } from "./engine.ts";

/** What the gateway is told; words of the engine's are for `note` alone. */
export function refusedWord(error: unknown, note: (line: string) => void): LauncherWord {
  if (error instanceof Refusal && isLaunchRefusal(error.code)) {
    return { word: "refused", code: error.code, detail: error.message };
  }
  note(error instanceof Error ? error.message : String(error));
  return { word: "refused", ...said(error) };
}

function said(error: unknown): { readonly code: LaunchRefusal; readonly detail: string } {
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
