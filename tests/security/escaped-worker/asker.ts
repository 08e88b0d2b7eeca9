// A worker that was taken over and asks the broker whatever its call's input lists, one at a time,
// and hands out what it was answered. Sent into the jail as text; imported by nobody.
import { closeForeign, readFrame, say } from "./pipes.ts";

closeForeign();
say(readFrame().channel, ["ready"]);
const call = readFrame();
const questions = JSON.parse(call.input) as [string, unknown][];
const answers: unknown[] = [];
for (const [id, [name, args]] of questions.entries()) {
  say(call.channel, ["requests", [[id, name, JSON.stringify(args)]], ""]);
  answers.push(...(JSON.parse(readFrame().answers) as unknown[]));
}
say(call.channel, ["output", JSON.stringify(answers), ""]);
