import { test } from "tap";
import { EngineFault } from "./engine.ts";
import { refusedWord } from "./refused-word.ts";

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
