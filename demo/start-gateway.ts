import { join } from "node:path";
import { verifyRecord } from "../gateway/audit/verify.ts";
import { refusedNotes } from "../gateway/cli/describe-standing.ts";
import { readConfig } from "../gateway/config/config.ts";
import { mintKey } from "../gateway/credentials/secret-key.ts";
import { createLog } from "../gateway/http/log.ts";
import { type Gateway, openGateway } from "../gateway/open-gateway.ts";
import { type Served, serve } from "../gateway/serve.ts";
import type { AuditResult, Standing } from "./stage.ts";

/** A gateway as the demo sees it: where it listens, who may open sessions, and what a person does. */
export interface RunningGateway {
  /** Where hosts open sessions and agents propose calls. */
  readonly agentsUrl: string;
  readonly hostKey: string;
  /** Answers as a person does, at the operators' own listener. */
  approve(approval: string): Promise<void>;
  /** Ends what runs and settles it; may be called again. */
  close(): Promise<void>;
  standing(): Promise<Standing>;
  /** Policy's decisions so far: found in the cache, and made. */
  decisions(): { readonly hits: number; readonly misses: number };
  /** Reads the whole record again. */
  verify(): Promise<AuditResult>;
}

/** Starts the real gateway for a deployment folder, with two keys that are good for this run. */
export async function startGateway(folder: string): Promise<RunningGateway> {
  const config = await readConfig(join(folder, "ringward.yaml"));
  const gateway = await openGateway(config, { writer: "gateway" });
  const served = await serveOrClose(gateway);
  const operatorKey = await makeKey(gateway, "operator");
  let closing: Promise<void> | undefined;
  return {
    agentsUrl: served.agentsUrl,
    hostKey: await makeKey(gateway, "host"),
    approve: (approval) => approve(`${served.operatorsUrl}/v1/approvals/${approval}`, operatorKey),
    close: () => {
      closing ??= closeBoth(served, gateway);
      return closing;
    },
    async standing() {
      const proofs = await gateway.selfProof.proofs();
      const unwalled = proofs.filter(({ isWalled }) => !isWalled).map(({ tier }) => tier);
      return { unwalled, refused: refusedNotes(proofs) };
    },
    decisions: () => ({ ...gateway.deps.policy.stats }),
    async verify() {
      const { records, verified } = await verifyRecord(config.state);
      return { records, verified };
    },
  };
}

/** The table is what the demo says; the log would only be in its way. */
async function serveOrClose(gateway: Gateway): Promise<Served> {
  try {
    const log = createLog({ level: "silent", write: () => {} });
    return await serve(gateway, { log, behindProxy: false });
  } catch (error) {
    await gateway.close();
    throw error;
  }
}

async function makeKey({ deps }: Gateway, kind: "host" | "operator"): Promise<string> {
  const about = { kind, principal: `demo-${kind}`, id: deps.newId("key"), now: deps.clock.now() };
  const { key, secret } = mintKey(about);
  await deps.store.keys.add(key, "local:demo");
  return secret;
}

async function approve(url: string, operatorKey: string): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${operatorKey}`, "content-type": "application/json" },
    body: JSON.stringify({ answer: "approved" }),
  });
  if (!response.ok) throw new Error(`the approval was answered with ${await response.text()}`);
}

async function closeBoth(served: Served, gateway: Gateway): Promise<void> {
  await served.close();
  await gateway.close();
}
