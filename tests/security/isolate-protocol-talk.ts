import type { JsonObject, JsonValue } from "../../manifests/json.ts";
import type { End } from "../../sandbox/end.ts";
import { closedDoor } from "../../sandbox/isolate/call/answers.ts";
import { Conversation } from "../../sandbox/isolate/call/conversation.ts";
import type { WorkerProcess } from "../../sandbox/isolate/pool/worker-process.ts";
import type { AnswersFrame, CallFrame } from "../../sandbox/isolate/protocol/protocol.ts";
import { grantOf } from "./broker-fixtures.ts";

/** What a worker does when it has heard a frame: the words that it says, or its whole frame. */
export type Script = readonly (readonly JsonValue[] | ((channel: string) => JsonObject))[];

export interface Talk {
  readonly conversation: Conversation;
  /** How it ended; `breach` where the worker said what no worker says. */
  readonly end: End | "breach";
  /** Names of what the broker was asked for. */
  readonly asked: readonly string[];
  readonly sent: readonly AnswersFrame[];
}

/** A call with a worker that follows a script, and then says nothing more; requests get `answer`. */
export async function talk(script: Script, answer?: JsonValue): Promise<Talk> {
  const asked: string[] = [];
  const sent: (CallFrame | AnswersFrame)[] = [];
  const worker = actor(script, sent);
  const request = (name: string): Promise<JsonValue> => {
    asked.push(name);
    return Promise.resolve(answer ?? asked.length);
  };
  const door = { ...closedDoor, request };
  const job = { grant: grantOf({ issuedAt: 1_000 }), code: "", input: "{}" };
  const conversation = new Conversation(worker, job, { door, now: () => performance.now() });
  const end = await conversation.hold().catch(() => "breach" as const);
  return { conversation, end, asked, sent: sent.slice(1) as AnswersFrame[] };
}

function actor(script: Script, sent: object[]): WorkerProcess {
  const lines = script.values();
  const heard = (): CallFrame => sent[0] as CallFrame;
  return {
    bundles: new Map(),
    died: new Promise<void>(() => {}),
    note: () => {},
    send: (frame: object) => void sent.push(frame),
    receive() {
      const line = lines.next().value;
      if (!line) return Promise.reject(new Error("the worker says nothing more"));
      const { channel } = heard();
      if (typeof line === "function") return Promise.resolve(line(channel));
      return Promise.resolve(frameOf(channel, [...line]));
    },
  } as unknown as WorkerProcess;
}

export function frameOf(channel: string, said: JsonValue[]): JsonObject {
  return { channel, cpuMs: 1, peakKb: 1, said };
}
