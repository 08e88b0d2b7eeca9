import { test } from "tap";
import { toolCases } from "./container-tools-cases.ts";
import { gitCases } from "./container-tools-git-cases.ts";
import { gvisorFor } from "./support/engine.ts";
import { openToolCalls } from "./support/tool-calls.ts";

/** What rests on the kernel that the images' programs run on; the rest is the same programs'. */
const cases = [
  "a command is nobody's, and reaches nothing",
  "a command reads its input and its files, and its exit code is told",
  "attack: a command answers in the program's place",
  "attack: a command reads the nonce out of the program",
  "a command that computes too long ends as one that did",
  "Python has its library, its input and its output",
  "Node has its modules, its input and its output",
  "code of ours runs in the image `node` as it does in an isolate",
  "attack: a repository's configuration runs its programs",
];

test("the shipped tools on `runsc`", async (t) => {
  const engine = await gvisorFor(t);
  if (!engine) return;
  const at = await openToolCalls(t, engine, "gvisor");
  const all = { ...toolCases, ...gitCases };
  for (const what of cases) {
    const check = all[what];
    if (check === undefined) throw new Error(`there is no case \`${what}\``);
    await t.test(what, (inner) => check(inner, at));
  }
});
