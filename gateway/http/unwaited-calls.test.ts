import { test } from "tap";
import type { CallAnswer } from "../../manifests/call.ts";
import { limits } from "../../manifests/limits.ts";
import { UnwaitedCalls } from "./unwaited-calls.ts";

const about = { actor: "key_1", tool: "js.run", startedAt: 1 };
const most = 2 * limits.callsInFlight;

test("so many calls are remembered and no more: the oldest is forgotten first", (t) => {
  const calls = new UnwaitedCalls();
  const answer = new Promise<CallAnswer>(() => undefined);
  for (let n = 0; n < most; n += 1) calls.add({ id: `c${n}`, answer }, about);
  t.match(calls.find("c0"), about);
  calls.add({ id: "one more", answer }, about);
  t.equal(calls.find("c0"), undefined);
  t.match(calls.find("c1"), about);
  t.match(calls.find("one more"), about);
  t.end();
});

test("of what the store knows nothing is kept; of a refusal and a repetition, just that", async (t) => {
  const calls = new UnwaitedCalls();
  const end = async (id: string, answer: CallAnswer): Promise<void> => {
    calls.add({ id, answer: Promise.resolve(answer) }, about);
    await Promise.resolve();
  };
  await end("a", { status: "completed", id: "a", tool: "js.run", ms: 1 });
  t.equal(calls.find("a"), undefined);
  const refused: CallAnswer = { status: "refused", id: "b", tool: "js.run", ms: 1 };
  await end("b", refused);
  t.same(calls.find("b"), { ...about, answer: refused });
  await end("c", { status: "completed", id: "a", tool: "js.run", ms: 1 });
  t.same(calls.find("c"), { ...about, repeats: "a" });
});
