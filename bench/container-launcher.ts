import {
  type LauncherOptions,
  type ServedLauncher,
  serveLauncher,
} from "../sandbox/container/launcher/serve-launcher.ts";

/** The launcher, in a process of its own, as a deployment has it. Serves what the bench tells it. */
let served: Promise<ServedLauncher> | undefined;

process.on("message", (word: string) => {
  served = serveLauncher(JSON.parse(word) as LauncherOptions);
  void served.then(() => process.send?.({}));
});
process.on("disconnect", () => void close());
process.send?.({});

async function close(): Promise<void> {
  await (await served)?.close();
  process.exit(0);
}
