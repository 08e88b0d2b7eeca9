import { parentPort, workerData } from "node:worker_threads";
import { type EngineOptions, openEngine } from "./engine.ts";
import type { Answer, Operation } from "./operations.ts";

/** What the thread says: once whether it could start, then the answers to each batch. */
export type ThreadMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "unable"; readonly message: string }
  | { readonly kind: "answers"; readonly answers: readonly Answer[] };

/** The thread's main: nothing imports it but for its types. */
function main(): void {
  const port = parentPort;
  if (port === null) return;
  const say = (message: ThreadMessage): void => port.postMessage(message);
  try {
    const engine = openEngine(workerData as EngineOptions);
    port.on("message", (batch: readonly Operation[] | "close") => {
      if (batch === "close") {
        engine.close();
        port.close();
      } else say({ kind: "answers", answers: engine.run(batch) });
    });
    say({ kind: "ready" });
  } catch (error) {
    say({ kind: "unable", message: error instanceof Error ? error.message : String(error) });
    port.close();
  }
}

main();
