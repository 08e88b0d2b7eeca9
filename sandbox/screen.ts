import { Refusal } from "../manifests/refusals.ts";
import type { BrokerDoor } from "./broker/broker.ts";
import { type End, type Failed, failed } from "./end.ts";

/**
 * What a call says at its end, without the secrets that it sent. One that says or logs the handle of
 * a secret, or was refused for sending one elsewhere, has said nothing.
 */
export function screened<Ending extends End>(
  said: Ending,
  log: string,
  door: BrokerDoor,
): Ending | Failed {
  try {
    door.refuseHandles(log, "log");
    if (said.kind === "output") door.refuseHandles(said.output, "output");
    if (said.kind === "error") door.refuseHandles(said.detail, "error");
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return said.kind === "failed" ? said : failed(error.code);
  }
  if (said.kind === "output") return { ...said, output: door.redact(said.output) };
  if (said.kind === "error") return { ...said, detail: door.redact(said.detail) };
  return said;
}
