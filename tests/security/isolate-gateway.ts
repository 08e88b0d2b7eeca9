// A gateway to be killed by the test: its one worker is busy, and says so on standard output.
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { createIsolateSandbox } from "../../sandbox/isolate/isolate-sandbox.ts";
import { grantOf } from "./broker-fixtures.ts";

const broker = createBroker({ workspace: "/nonexistent", hosts: {}, protectedPaths: [] });
const sandbox = createIsolateSandbox({ broker, workers: 1 });
await sandbox.warm();
const grant = grantOf({ limits: { wallMs: 60_000, cpuMs: 60_000, memoryMb: 32, outputKb: 1 } });
const code = "var tool = { run() { for (;;); } };";
void sandbox.run({ grant, code, input: "{}" }, new AbortController().signal);
setTimeout(() => process.stdout.write("busy\n"), 100);
