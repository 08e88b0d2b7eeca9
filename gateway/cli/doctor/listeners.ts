import type { Address } from "../../config/config.ts";
import { isLoopback } from "../../http/place.ts";
import { type Check, fail, ok, type Patient } from "./check.ts";

/** Beyond loopback nothing may go in the clear. */
export function checkListeners({ config }: Patient): readonly Check[] {
  const { agents, operators, tls } = config.listen;
  const check = (name: string, { host, port }: Address): Check => {
    const place = `${host}:${port}`;
    if (isLoopback(host)) return ok(name, `${place}, loopback`);
    if (tls !== undefined) return ok(name, `${place}, TLS`);
    return fail(
      name,
      `${place} is open to the network without TLS`,
      "set `listen.tls`, or listen on 127.0.0.1 and let a proxy do TLS",
    );
  };
  return [check("agents' door", agents), check("operators' door", operators)];
}
