import { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { openTestGateway, recordHolds } from "../support/test-gateway.ts";

const secret = (n: number): string => `AKIA${String(n).padStart(4, "2")}EGRIVCJ7WBZ2`.slice(0, 20);

test("more secrets than are listed refuse the call, whatever the tool does", async (t) => {
  const opened = await openTestGateway(t);
  const session = await opened.open();
  const input = Array.from({ length: limits.findingsPerCall + 1 }, (_, n) => secret(n));
  const many = await session.propose("js.run", { code: "return 1", input });
  t.match(many, { status: "refused", code: "SCAN_LIMIT" });
  const fewer = await session.propose("js.run", { code: "return 1", input: input.slice(0, 5) });
  t.match(fewer, { status: "completed" }, "a tool that reaches nowhere may see secrets");
  await recordHolds(t, opened, 2);
});

test("more secrets in an output than are listed leave none of it to the agent", async (t) => {
  const opened = await openTestGateway(t);
  const session = await opened.open();
  const code = `return Array.from({ length: 500 }, (_, n) =>
    "AKIA" + String(n).padStart(4, "2") + "EGRIVCJ7WBZ2")`;
  const answer = await session.propose("js.run", { code });
  t.equal(answer.status, "completed");
  t.notMatch(JSON.stringify(answer), /AKIA/);
  await recordHolds(t, opened, 1);
});
