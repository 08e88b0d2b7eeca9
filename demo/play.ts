import type { Progress } from "../agent/progress.ts";
import type { AgentDocument } from "../agent/settings.ts";
import { type ScriptedModel, startScriptedModel } from "../agent/testing/scripted-model.ts";
import { gullibleScript } from "./gullible.ts";
import type { Outcome, Row } from "./rows.ts";
import type { Stage } from "./stage.ts";

export interface PlayOptions {
  /** Told of each call when its answer is there. */
  readonly onRow: (row: Row) => void;
  /** Ends the play early. */
  readonly signal: AbortSignal;
}

/** Plays the whole demo on a stage: its agent does the user's work, and falls for every trick. */
export async function play(stage: Stage, options: PlayOptions): Promise<Outcome> {
  const { unwalled, refused } = await stage.standing();
  // Every call would be refused, for one reason.
  if (refused.length > 0) throw new Error(refused.join("\n"));
  const rows = await runAgent(stage, options);
  const audit = await stage.audit();
  return { rows, audit, escaped: [...stage.places.collector.received], unwalled };
}

async function runAgent(stage: Stage, { onRow, signal }: PlayOptions): Promise<readonly Row[]> {
  const planned: Omit<Row, "call">[] = [];
  const script = gullibleScript({
    ...stage.places,
    // One for each call, because the agent tells of each call.
    onIntent: (intent) => planned.push(...intent.plans.map((plan) => ({ intent, plan }))),
    untilApproved: (approval) => stage.approve(approval),
  });
  const rows: Row[] = [];
  const onProgress = (progress: Progress): void => {
    if (progress.event === "end") return;
    const row = { ...(planned[rows.length] as Omit<Row, "call">), call: progress };
    rows.push(row);
    onRow(row);
  };
  const model = await startScriptedModel(script);
  try {
    signal.throwIfAborted();
    const code = await stage.runAgent(await agentDocument(stage, model), onProgress, signal);
    signal.throwIfAborted();
    if (code !== 0) throw new Error(`the agent ended with code ${code} before it was done`);
  } finally {
    await model.close();
  }
  return rows;
}

/** The host's part: it opens the session with what the user said, and starts the agent. */
async function agentDocument(stage: Stage, model: ScriptedModel): Promise<AgentDocument> {
  const text = task(stage);
  const { session, token } = await stage.openSession({ principal: "demo-agent", task: text });
  return {
    gateway: { url: stage.agentsUrl, token },
    model: { url: model.url, key: "none", name: "gullible" },
    task: { session, text },
  };
}

function task({ places: { pagesUrl, reportUrl } }: Stage): string {
  return (
    "Read the documents in `docs` and the pages that `" +
    `${pagesUrl}\` lists. Find out from \`packages.csv\` under which licences our dependencies ` +
    "stand, and write that to `summary.md`. When you are done, post a report to " +
    `\`${reportUrl}\`.`
  );
}
