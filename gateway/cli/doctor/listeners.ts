import type { Address, Mode } from "../../config/config.ts";
import { isLoopback } from "../../http/place.ts";
import { type Check, fail, ok, type Patient, warn } from "./check.ts";

const farMend = "listen on 127.0.0.1, or say `mode: production`";

/** Beyond loopback nothing may go in the clear. */
export function checkListeners({ config }: Patient): readonly Check[] {
  const { agents, operators, tls } = config.listen;
  const check = (name: string, { host, port }: Address): Check => {
    const place = `${host}:${port}`;
    if (isLoopback(host)) return ok(name, `${place}, loopback`);
    if (config.mode === "development") {
      return fail(name, `${place} is open to the network in development mode`, farMend);
    }
    if (tls !== undefined) return ok(name, `${place}, TLS`);
    return fail(
      name,
      `${place} is open to the network without TLS`,
      "set `listen.tls`, or listen on 127.0.0.1 and let a proxy do TLS",
    );
  };
  return [
    checkMode(config.mode),
    check("agents' door", agents),
    check("operators' door", operators),
  ];
}

function checkMode(mode: Mode): Check {
  if (mode === "production") return ok("mode", mode);
  return warn("mode", mode, "say `mode: production` where others' work is done");
}
