import { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { WaitingCalls } from "./waiting-calls.ts";

const never: AbortSignal = new AbortController().signal;

interface Worker {
  readonly pid: number;
}

type Calls = WaitingCalls<{ readonly principal: string }, Worker>;

function join(calls: Calls, principal: string): Promise<Worker> {
  const promise = calls.join({ principal }, { since: 0, waitMs: 60_000, signal: never });
  // Looked at later.
  promise.catch(() => {});
  return promise;
}

test("principals take turns, each in its own order", (t) => {
  const calls: Calls = new WaitingCalls(limits.workerQueue);
  for (const who of ["ann", "ann", "ann", "bob", "cleo", "cleo"]) void join(calls, who);
  const order = (): string[] => calls.inTurn().map(({ cordon }) => cordon.principal);
  t.strictSame(order(), ["ann", "bob", "cleo", "ann", "cleo", "ann"]);
  calls.inTurn()[0]?.take({ pid: 6 });
  t.strictSame(order(), ["bob", "cleo", "ann", "cleo", "ann"]);
  calls.failAll(new Error("over") as never);
  t.equal(calls.size, 0);
  t.end();
});

test("a full queue makes room for who has less in it, at the cost of who has most", async (t) => {
  const calls: Calls = new WaitingCalls(limits.workerQueue);
  const flood = Array.from({ length: limits.workerQueue }, () => join(calls, "ann"));
  await t.rejects(join(calls, "ann"), { code: "SANDBOX_UNAVAILABLE" });
  const other = join(calls, "bob");
  await t.rejects(flood.at(-1) as Promise<Worker>, { code: "SANDBOX_UNAVAILABLE" });
  t.equal(calls.size, limits.workerQueue);
  calls.inTurn()[1]?.take({ pid: 7 });
  t.match(await other, { pid: 7 });
  calls.failAll(new Error("over") as never);
});
