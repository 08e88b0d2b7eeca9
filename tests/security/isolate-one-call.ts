// One probe and one call, as whoever runs it; prints with which launcher, which walls of the floor were missing and what came out.
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { createIsolateSandbox } from "../../sandbox/isolate/isolate-sandbox.ts";
import { grantOf } from "./broker-fixtures.ts";

const broker = createBroker({ workspace: "/nonexistent", hosts: {}, protectedPaths: [] });
const sandbox = createIsolateSandbox({ broker, workers: 1 });
const { walls, launcher } = await sandbox.probe();
const job = { grant: grantOf(), code: "var tool = { run() { return 42; } };", input: "{}" };
const result = await sandbox.run(job, new AbortController().signal);
await sandbox.close();
const missing = walls
  .filter(({ holds, floor }) => floor && !holds)
  .map(({ name, measured }) => `${name}: ${measured}`);
process.stdout.write(
  JSON.stringify({
    launcher,
    missing,
    output: result.kind === "output" ? result.output : result.detail,
  }),
);
