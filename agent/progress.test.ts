import { test } from "tap";
import { limits } from "../manifests/limits.ts";
import { callProgress } from "./progress.ts";

test("a text of the arguments is shown up to the limit; a longer one is cut and says so", (t) => {
  const shown = (text: string): string => {
    const call = { id: "c", name: "files__write", arguments: JSON.stringify({ path: "a", text }) };
    const outcome = { kind: "not-proposed", detail: "later" } as const;
    return callProgress({ call, tool: "files.write", outcome }).arguments;
  };
  const most = "x".repeat(limits.progressChars);
  t.equal(shown(most), JSON.stringify({ path: "a", text: most }));
  const cut = `${most} … [cut: ${limits.progressChars} of ${limits.progressChars + 1} characters]`;
  t.equal(shown(`${most}x`), JSON.stringify({ path: "a", text: cut }));
  t.end();
});

test("arguments that are no JSON are cut as they stand", (t) => {
  const call = { id: "c", name: "a", arguments: "{".repeat(limits.progressChars + 1) };
  const line = callProgress({ call, tool: "a", outcome: { kind: "failed", detail: "gone" } });
  t.match(line, { event: "call", status: "failed", detail: "gone" });
  t.ok(line.arguments.startsWith(`${"{".repeat(limits.progressChars)} … [cut: `));
  t.end();
});
