import { test } from "tap";
import { Refusal } from "../../../manifests/refusals.ts";
import { EngineFault } from "./engine.ts";
import { refusedWord } from "./refused-word.ts";
import { NoAnswer } from "./within.ts";

test("an engine that cannot be asked is said to be away, or shut to the launcher", (t) => {
  const silences = [
    ["ENOENT", "no container engine answers"],
    ["ECONNREFUSED", "no container engine answers"],
    ["EACCES", "the launcher may not open the engine's socket"],
    ["ECONNRESET", "the engine did not answer"],
  ];
  for (const [code, detail] of silences) {
    const notes: string[] = [];
    const fault = new EngineFault(Object.assign(new Error(`connect ${code} /e.sock`), { code }));
    const word = refusedWord(fault, (line) => notes.push(line));
    t.strictSame(word, { word: "refused", code: "ENGINE_UNAVAILABLE", detail });
    t.strictSame(notes, [`connect ${code} /e.sock`], "its path is for whoever runs the launcher");
  }
  t.end();
});

test("what is no refusal of a launch is the operator's to read alone", (t) => {
  const notes: string[] = [];
  const note = (line: string): void => void notes.push(line);
  t.match(refusedWord(new Refusal("IMAGE_MISMATCH", "another one"), note), {
    ...{ code: "IMAGE_MISMATCH", detail: "another one" },
  });
  t.strictSame(notes, []);
  for (const error of [new Refusal("RECORD_FULL", "the disk"), new TypeError("/etc/key")]) {
    const word = refusedWord(error, note);
    t.match(word, { code: "INTERNAL", detail: "the launcher failed at it" });
  }
  const bug = "a bug in the launcher";
  t.strictSame(notes, [`${bug}: Refusal: the disk`, `${bug}: TypeError: /etc/key`]);
  t.match(refusedWord(new NoAnswer("no answer within 5 ms"), note), {
    ...{ code: "ENGINE_UNAVAILABLE", detail: "the engine did not answer" },
  });
  t.equal(notes.at(-1), "no answer within 5 ms");
  const failed = refusedWord(new EngineFault({ message: "driver", statusCode: 500 }), note);
  t.match(failed, { code: "SANDBOX_UNAVAILABLE", detail: /did not start/ });
  t.end();
});
