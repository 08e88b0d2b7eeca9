import { join } from "node:path";
import tap, { test } from "tap";
import { runDemo } from "../demo/run-demo.ts";
import { listRecords } from "../gateway/audit/read.ts";
import { readConfig } from "../gateway/config/config.ts";
import { openGateway } from "../gateway/open-gateway.ts";
import { NotReplayable } from "../gateway/replay/recorded-call.ts";
import { type Replay, replayCall } from "../gateway/replay/replay-call.ts";

// The whole demo, and each of its calls once more.
tap.setTimeout(110_000);

test("each call of the demo that ran does the same when it is run again", async (t) => {
  const replays: Replay[] = [];
  const others: string[] = [];
  const { signal } = new AbortController();
  const inspect = async (folder: string): Promise<void> => {
    const config = await readConfig(join(folder, "ringward.yaml"));
    const gateway = await openGateway(config, { writer: "cli" });
    try {
      for (const { call = "" } of await listRecords(config.state, { kind: "intent" })) {
        const replaying = replayCall(call, gateway.deps, {
          folder: config.state,
          by: "local:auditor",
          signal,
        });
        await replaying.then(
          (replay) => replays.push(replay),
          (error: unknown) => others.push(error instanceof NotReplayable ? error.message : "bug"),
        );
      }
    } finally {
      await gateway.close();
    }
  };
  const { rows, escaped } = await runDemo({ onRow: () => {}, signal, inspect });
  const completed = rows.filter(({ call }) => "status" in call && call.status === "completed");
  t.ok(completed.length > 20);
  t.strictSame(
    replays.filter(({ verdict }) => verdict !== "same"),
    [],
  );
  t.equal(replays.filter(({ ended }) => ended === "completed").length, completed.length);
  t.ok(replays.reduce((sum, { requests }) => sum + requests, 0) > 10, "answers were recorded");
  t.ok(
    replays.some(({ ended }) => ended === "FILES_DENIED"),
    "refused ones, too",
  );
  t.strictSame(others, [], "and nothing could not be run again");
  t.strictSame(escaped, [], "nothing got out");
});
