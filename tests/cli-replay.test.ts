import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import tap, { type Test, test } from "tap";
import { ringward, startRingward } from "./support/command-line.ts";

// Half a dozen processes, one after the other.
tap.setTimeout(110_000);

/** What a hostile tool says to whoever reads its log: colours, a new title, text turned around. */
const hostile = "\u001b[31mred\u001b]0;title\u0007\u202etxt.exe\u200b\u0000\u009b1A";

const logging = `import type { Host } from "ringward";
export function run({ text }: { readonly text: string }, host: Host): object {
  host.log(${JSON.stringify(hostile)});
  host.log(text);
  return { characters: text.length + Math.floor(Math.random() * 1000), words: 1, lines: 1 };
}
`.replace(/^import.*\n/, "interface Host { log(text: string): void }\n");

/** A deployment with a tool of its own that logs, and one call of it. */
async function deployed(t: Test): Promise<{ readonly folder: string; readonly call: string }> {
  const at = t.testdir({});
  await ringward(["init", "here"], { folder: at });
  const folder = join(at, "here");
  await writeFile(join(folder, "manifests", "text-count.ts"), logging);
  const config = join(folder, "ringward.yaml");
  const text = await readFile(config, "utf8");
  await writeFile(config, text.replace("8700", "0").replace("8701", "0"));
  const called = await ringward(["call", "text.count", "--args", '{"text":"one"}', "--json"], {
    folder,
  });
  t.equal(called.code, 0, called.stderr);
  return { folder, call: JSON.parse(called.stdout).id };
}

test("a recorded call is run again beside the gateway that serves; other code is not", async (t) => {
  const { folder, call } = await deployed(t);
  const gateway = startRingward(["start", "--log", "silent"], { folder });
  t.teardown(() => gateway.kill("SIGKILL"));
  gateway.stdin.end();
  gateway.stderr.resume();
  await once(createInterface(gateway.stdout), "line");
  const replayed = await ringward(["replay-call", call], { folder });
  t.equal(replayed.code, 0, replayed.stderr);
  const [head, compared] = replayed.stdout.split("\n");
  t.equal(head, `same  text.count  ${call}`);
  t.equal(compared, "compared 0 requests, the log, and the end (completed)");
  await writeFile(join(folder, "manifests", "text-count.ts"), logging.replace("1000", "1001"));
  const changed = await ringward(["replay-call", call, "--json"], { folder });
  t.equal(changed.code, 69);
  t.equal(changed.stdout, "");
  t.match(
    changed.stderr,
    /^ringward: the call cannot be run again: its tool `text\.count` had the pin [0-9a-f]{64}, and has [0-9a-f]{64} here [^\n]*\n$/,
  );
  await isSafelyShown(t, folder, call);
});

/** What a tool logs is kept for operators, and cannot act on their terminal. */
async function isSafelyShown(t: Test, folder: string, call: string): Promise<void> {
  const shown = await ringward(["audit", "show", call], { folder });
  t.equal(shown.code, 0, shown.stderr);
  const log =
    "\\u{1b}[31mred\\u{1b}]0;title\\u{7}\\u{202e}txt.exe\\u{200b}\\u{0}\\u{9b}1A\\u{a}one\\u{a}";
  t.ok(shown.stdout.includes(`log: ${log}\n`));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
  t.notMatch(shown.stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e]/);
}
