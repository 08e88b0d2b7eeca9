import type { IncomingMessage, ServerResponse } from "node:http";
import { finished } from "node:stream/promises";
import { limits } from "../../../manifests/limits.ts";
import { parseStrictJson } from "../../../manifests/strict-json.ts";
import type { BrokerDoor } from "../broker.ts";
import type { Gate } from "../gate.ts";
import { readProgramBody } from "../http/read-program-body.ts";

export interface HostRequest {
  /** As `BrokerDoor.request` knows it. */
  readonly name: string;
  readonly door: BrokerDoor;
  readonly reading: Gate;
}

/**
 * One request of a tool in a container, in JSON, as tools in isolates have them.
 *
 * @throws {Refusal}
 */
export async function serveHost(
  request: IncomingMessage,
  response: ServerResponse,
  { name, door, reading }: HostRequest,
): Promise<void> {
  const said = await reading.pass(() => readProgramBody(request, limits.frameBytes));
  const answer = JSON.stringify(await door.request(name, parseStrictJson(said)));
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(answer),
  });
  response.end(answer);
  // Whether the program takes it is the program's affair.
  await finished(response).catch(() => undefined);
}
