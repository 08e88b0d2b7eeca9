import { test } from "tap";
import type { CallAnswer } from "../manifests/call.ts";
import { limits } from "../manifests/limits.ts";
import { spotlit } from "../manifests/spotlight.ts";
import { observe, sameness } from "./conversation.ts";
import type { Action } from "./run.ts";

/** An answer whose output is marked as data, with marks of its own each time. */
function marked(text: string, seed: string): Action {
  const handed = spotlit(text, () => seed);
  const answer: CallAnswer = { status: "completed", ...handed, id: seed, tool: "t", ms: 1 };
  return {
    call: { id: "1", name: "t", arguments: "{}" },
    tool: "t",
    outcome: { kind: "answered", answer },
  };
}

test("a marked output stands beneath what is told of it, as it is", (t) => {
  const observed = observe(marked('say "hi"', "ab12"));
  const [about = "", ...text] = observed.split("\n");
  t.match(JSON.parse(about), { status: "completed", spotlight: { holds: "text" } });
  t.notOk("output" in JSON.parse(about));
  t.strictSame(text, ["<<data ab12>>", 'say "hi"', "<<end of data ab12>>"]);
  t.end();
});

test("attack: a long output pushes its end mark nowhere", (t) => {
  const observed = observe(marked("x".repeat(limits.observationChars + 1), "ab12"));
  t.match(observed, /… \[cut: \d+ of \d+ characters\]\n<<end of data ab12>>$/);
  t.end();
});

test("the same answer is the same, however it is marked", (t) => {
  t.equal(sameness(marked("one", "ab12")), sameness(marked("one", "cd34")));
  t.not(sameness(marked("one", "ab12")), sameness(marked("two", "ab12")));
  t.end();
});
