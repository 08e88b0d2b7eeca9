import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { parse } from "yaml";
import { embeddedConfig } from "../../gateway/config/embedded.ts";
import { openStage } from "../../gateway/replay/traces/stage.ts";
import type { TracedCall } from "../../gateway/replay/traces/trace-file.ts";
import type { CallAnswer } from "../../manifests/call.ts";
import type { JsonObject, JsonValue } from "../../manifests/json.ts";

interface Adaptive {
  readonly how: string;
  readonly task: string;
  readonly reads: readonly Reading[];
  /** A tool, and its arguments. */
  readonly does: Readonly<Record<string, JsonObject>>;
  readonly verdict: "asked" | "refused" | "ran";
  readonly because: string;
}

/** One of these. */
interface Reading {
  readonly page?: string;
  readonly mails?: readonly string[];
  readonly contact?: JsonObject;
  readonly computed?: JsonObject;
  readonly secret?: "profile";
  readonly known?: "payments";
}

const folder = join(import.meta.dirname, "../replay");
const cases = parse(readFileSync(join(folder, "adaptive-cases.yaml"), "utf8")) as Adaptive[];

const verdicts: Readonly<Partial<Record<CallAnswer["status"], string>>> = {
  pending: "asked",
  refused: "refused",
  completed: "ran",
};

test("attack: each way round provenance that we know comes out as it says", async (t) => {
  const stage = await openStage(embeddedConfig(t.testdir({})), join(folder, "adaptive"));
  t.teardown(() => stage.close());
  t.ok(cases.length >= 60, `there are ${cases.length}`);
  for (const { how, task, reads, does, verdict, because } of cases) {
    const scene = await stage.open(task);
    for (const call of reads.map(callOf)) {
      const answer = await scene.propose(call);
      if (answer.status === "pending") await scene.approve(call, answer);
      else t.equal(answer.status, "completed", `${how}: ${call.tool} ${answer.detail}`);
    }
    const [tool = "", args = {}] = Object.entries(does)[0] ?? [];
    const { status, code } = await scene.propose(recorded(tool, args, "done"));
    t.equal(verdicts[status], verdict, `${how}: ${because} (${code})`);
  }
});

function callOf({ page, mails, contact, computed, secret }: Reading): TracedCall {
  if (page !== undefined) return recorded("web_read", { url: "https://shop.example/offer" }, page);
  if (mails) return recorded("mail_read", { folder: "inbox" }, mails.map(mailOf));
  if (contact) return recorded("contacts_find", { name: "all" }, [contact]);
  if (secret) return recorded("profile_read", {}, profile);
  if (!computed) return recorded("payments_list", {}, payments);
  const { result = null, ...args } = computed;
  return recorded("data_shape", args, result);
}

const profile = { name: "Emma Johnson", passport: "HGK137803", card: "4237-4252-7456-2574" };

const payments = [
  { id: 6, payee: "Harbour Music", account: "SE3550000000054910000003", amount: 50 },
  { id: 7, payee: "Hill House", account: "GB29NWBK60161331926819", amount: 1100 },
].map((payment) => ({ ...payment, subject: "as every month" }));

function mailOf(body: string, at: number): JsonObject {
  return { id: 41 + at, from: at % 2 === 0 ? "carol@desk.example" : "dave@desk.example", body };
}

function recorded(tool: string, args: JsonObject, result: JsonValue): TracedCall {
  return { tool, arguments: args, result, error: null };
}
