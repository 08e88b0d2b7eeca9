import { Resolver } from "node:dns/promises";
import { limits } from "../../../manifests/limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";

/**
 * All addresses of a host, of both families.
 *
 * @throws {Refusal} `EGRESS_FAILED`.
 */
export type Resolve = (host: string, signal: AbortSignal) => Promise<readonly string[]>;

/**
 * Asks DNS itself, the system's servers where none are named. The system's own look-up would read
 * the machine's names as well, and hold one of the four threads that files need, too.
 */
export function createResolver(servers?: readonly string[]): Resolve {
  return async (host, signal) => {
    const resolver = new Resolver({ timeout: limits.resolveMs, tries: 2 });
    if (servers) resolver.setServers(servers);
    const cancel = (): void => resolver.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    try {
      return await askBoth(resolver, host);
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  };
}

/** Many hosts have addresses of one family only. */
async function askBoth(resolver: Resolver, host: string): Promise<readonly string[]> {
  const asked = [resolver.resolve4(host), resolver.resolve6(host)];
  const answers = await Promise.allSettled(asked);
  const addresses = answers.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  if (addresses.length > 0) return addresses;
  throw new Refusal("EGRESS_FAILED", "the host could not be looked up");
}
