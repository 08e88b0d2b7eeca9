// Whoever starts the gateway may leave descriptors open in it; none of them reaches a worker.
import { type StdioOptions, spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import tap, { test } from "tap";
import { jailCommand } from "../../sandbox/isolate/jail/jail.ts";
import { workerSource } from "../../sandbox/isolate/jail/worker-source.ts";
import { startWorker } from "../../sandbox/isolate/pool/worker-process.ts";
import { testedLaunchers } from "./isolate-intruder.ts";

tap.setTimeout(110_000);

const script = join(import.meta.dirname, "isolate-each-launcher.ts");

test("descriptors that the gateway was started with are closed in every kind of worker", (t) => {
  const secret = openSync(join(t.testdir({ secret: "canary" }), "secret"), "r");
  // The third is the one through which the filter is handed in. The last lies behind a gap, beyond
  // which Node does not look for what it was started with.
  const stdio: StdioOptions = ["ignore", "pipe", "pipe", secret, secret, "ignore", secret];
  stdio[20] = secret;
  const { status, stderr } = spawnSync(process.execPath, [script], {
    ...{ env: {}, cwd: "/", encoding: "utf8" },
    stdio: Array.from(stdio, (one) => one ?? "ignore"),
  });
  closeSync(secret);
  t.equal(status, 0, stderr);
  t.end();
});

test("a worker that holds one of them all the same is refused", async (t) => {
  const secret = openSync(join(t.testdir({ secret: "canary" }), "secret"), "r");
  for (const launcher of testedLaunchers(t)) {
    const jail = jailCommand(workerSource("main"), [], { launcher });
    // The shell in front opens what a careless launcher would have left open.
    const leaking = { ...jail, file: "/bin/sh", args: ["-c", leak, "sh", `${secret}`] };
    const args = [...leaking.args, jail?.file ?? "", ...(jail?.args ?? [])];
    const started = startWorker({ ...leaking, args }, 32);
    const { cause } = await started.then(
      (worker) => worker.kill().then(() => new Error("it was not refused")),
      (error: Error) => error,
    );
    t.match(cause, { message: /no wall `no (shared descriptor|open file)`/ }, launcher);
  }
  closeSync(secret);
});

const leak = `exec 9< "/proc/${process.pid}/fd/$1"; shift; exec "$@"`;
