import { type Grant, grantDigest } from "../../manifests/grant.ts";
import type { JsonObject } from "../../manifests/json.ts";
import { isContainerTier } from "../../manifests/tier.ts";
import type { Recording } from "../../sandbox/sandbox.ts";
import { type ShownRecord, showCall } from "../audit/read.ts";

/** All that it takes to run a call again. */
export interface RecordedCall {
  readonly grant: Grant;
  /** Canonical JSON of the arguments. */
  readonly input: string;
  readonly recording: Recording;
  /** `completed`, or the code that the call was refused with. */
  readonly ended: string;
}

/**
 * Reads a call out of the record; each payload is held to what the record commits to. Whether the
 * record itself can be believed, `verifyRecord` says.
 *
 * @throws {NotReplayable} where something is missing.
 * @throws {Error} one line, where there is no store to read.
 */
export async function readRecordedCall(folder: string, id: string): Promise<RecordedCall> {
  const records = await showCall(folder, id);
  const [intent, end] = ["intent", "end"].map((kind) =>
    records.find(({ record }) => record.kind === kind),
  );
  if (!intent) throw new NotReplayable(whyNoIntent(end));
  if (!end) throw new NotReplayable("it has not ended, or nobody knows how");
  const grant = grantOf(intent);
  refuseContainers(grant);
  const input = textOf(intent, "arguments");
  const recording = JSON.parse(textOf(end, "recording")) as Recording;
  if (!recording.isWhole) throw new NotReplayable("it was given more than a recording may hold");
  return { grant, input, recording, ended: end.record.code ?? "completed" };
}

/** A call that cannot be run again; the message says why. */
export class NotReplayable extends Error {
  override readonly name = "NotReplayable";
}

function whyNoIntent(end: ShownRecord | undefined): string {
  if (!end) return "there is no such call in the record";
  return `it never ran: it was refused with ${end.record.code ?? "no code"}`;
}

function grantOf(intent: ShownRecord): Grant {
  const { content, details } = intent.record;
  const facts = details ?? (JSON.parse(textOf(intent, "details")) as JsonObject);
  const grant = facts["grant"] as unknown as Grant;
  if (grantDigest(grant) !== content["grantDigest"]) {
    throw new NotReplayable("its grant is not the one that the record commits to");
  }
  return grant;
}

/** A program of its own has a clock, threads and files that nobody wrote down. */
function refuseContainers({ sandbox }: Grant): void {
  if (!isContainerTier(sandbox.tier)) return;
  throw new NotReplayable(`it ran in the tier \`${sandbox.tier}\`, of which no recording is kept`);
}

const whyMissing = {
  erased: "erased",
  unreadable: "altered, or sealed under another key",
} as const;

function textOf({ record, payloads }: ShownRecord, name: string): string {
  const payload = payloads.find((found) => found.name === name);
  if (!payload) throw new NotReplayable(`it has no ${name}: the tool never began (${record.code})`);
  if (payload.text !== undefined) return payload.text;
  const why = payload.state === "there" ? "empty" : whyMissing[payload.state];
  throw new NotReplayable(`its ${name} can no longer be read: ${why}`);
}
