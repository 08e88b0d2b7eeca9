import fc from "fast-check";
import { test } from "tap";
import { containerLimits } from "../manifests/container-limits.ts";
import { limits } from "../manifests/limits.ts";
import { refusalCodes } from "../manifests/refusals.ts";
import { fakeCalls, good, inContainer, type Program, says } from "./container-calls-fixtures.ts";

test("a program is told one line, and its answer is the output", async (t) => {
  const { run, launcher } = fakeCalls(t);
  let line = "";
  const program: Program = (container, told) => {
    line = JSON.stringify(told);
    says(` \r\n${good}\t\n`)(container, told);
  };
  const result = await run(program, { input: '{"a":1,"b":2}' });
  t.match(result, { kind: "output", output: '{"sum":3}', requests: [], log: "" });
  t.match(JSON.parse(line), { nonce: /^[0-9a-f]{32}$/, arguments: { a: 1, b: 2 } });
  const [made] = launcher.made;
  t.strictSame(result.ranIn, { container: made?.container, image: made?.image });
  t.match(result.usage, { cpuMs: 7, outputBytes: 9 });
  t.equal((await made?.told)?.split("\n").length, 2, "one line");
});

test("code of ours is told along, and finds nothing mounted", async (t) => {
  const { run, launcher } = fakeCalls(t);
  const fs = [{ path: "a.txt", access: "read" as const }];
  const code = 'globalThis.tool = "\\n";';
  const program: Program = (container, told) => {
    t.equal(told.code, code);
    t.match(told.credential, /^credential-/, "its files are behind the way out");
    says(good)(container, told);
  };
  t.match(await run(program, { code, grant: { permissions: { net: [], fs } } }), {
    kind: "output",
  });
  t.match(launcher.made[0]?.request, { mounts: [], network: true });
});

test("a program finds what it may read, and knows no more of it than that", async (t) => {
  const { run, launcher } = fakeCalls(t);
  const fs = [{ path: "a.txt", access: "read" as const }];
  const program: Program = (container, told) => {
    t.notOk("credential" in told, "nobody may go anywhere");
    says(good)(container, told);
  };
  const result = await run(program, { grant: { permissions: { net: [], fs } } });
  t.match(result, { kind: "output", read: { integrity: "untrusted" } });
  t.match(launcher.made[0]?.request, { mounts: ["a.txt"], network: false });
});

const answers: readonly (readonly [what: string, text: string, exitCode: number, code: string])[] =
  [
    ["nothing", "", 0, "OUTPUT_UNREADABLE"],
    ["whitespace", " \n", 0, "OUTPUT_UNREADABLE"],
    ["a word", "hello", 0, "OUTPUT_UNREADABLE"],
    ["a number", "7", 0, "OUTPUT_UNREADABLE"],
    ["a list", `[${good}]`, 0, "OUTPUT_UNREADABLE"],
    ["half a document", '{"nonce":"NONCE","output":', 0, "OUTPUT_CUT"],
    ["half a document, and fails", '{"nonce":"NONCE","output":', 3, "OUTPUT_CUT"],
    ["two documents", `${good}${good}`, 0, "OUTPUT_UNREADABLE"],
    ["two lines of documents", `${good}\n${good}\n`, 0, "OUTPUT_UNREADABLE"],
    ["a document and a word", `${good} hello`, 0, "OUTPUT_UNREADABLE"],
    ["a byte order mark first", `\ufeff${good}`, 0, "OUTPUT_UNREADABLE"],
    ["a NUL first", `\0${good}`, 0, "OUTPUT_UNREADABLE"],
    ["a NUL in a text", '{"nonce":"NONCE","output":"a\0b"}', 0, "OUTPUT_UNREADABLE"],
    ["a lone surrogate", '{"nonce":"NONCE","output":"\\ud800"}', 0, "OUTPUT_UNREADABLE"],
    ["no nonce", '{"output":1}', 0, "OUTPUT_UNREADABLE"],
    ["another nonce", `{"nonce":"${"0".repeat(32)}","output":1}`, 0, "OUTPUT_UNREADABLE"],
    ["a nonce among others", '{"nonce":["NONCE"],"output":1}', 0, "OUTPUT_UNREADABLE"],
    ["two nonces", '{"nonce":"x","nonce":"NONCE","output":1}', 0, "OUTPUT_UNREADABLE"],
    ["output and error", '{"nonce":"NONCE","output":1,"error":"x"}', 0, "OUTPUT_UNREADABLE"],
    ["neither of them", '{"nonce":"NONCE"}', 0, "OUTPUT_UNREADABLE"],
    ["a key that nobody knows", '{"nonce":"NONCE","output":1,"x":1}', 0, "OUTPUT_UNREADABLE"],
    ["__proto__", '{"nonce":"NONCE","__proto__":{"output":1}}', 0, "OUTPUT_UNREADABLE"],
    ["an error that is no text", '{"nonce":"NONCE","error":{}}', 0, "OUTPUT_UNREADABLE"],
    ["a code and no error", '{"nonce":"NONCE","output":1,"code":"x"}', 0, "OUTPUT_UNREADABLE"],
    ["a code that is no text", '{"nonce":"NONCE","error":"x","code":7}', 0, "OUTPUT_UNREADABLE"],
    ["files that are none", '{"nonce":"NONCE","output":1,"files":["x"]}', 0, "OUTPUT_UNREADABLE"],
    ["files of numbers", '{"nonce":"NONCE","output":1,"files":{"a":1}}', 0, "OUTPUT_UNREADABLE"],
    ["deep nesting", `{"nonce":"NONCE","output":${"[".repeat(9_999)}`, 0, "OUTPUT_CUT"],
    [
      "whole, deep",
      `{"nonce":"NONCE","output":${"[".repeat(99)}${"]".repeat(99)}}`,
      0,
      "OUTPUT_UNREADABLE",
    ],
    ["brackets that do not match", "{]", 0, "OUTPUT_UNREADABLE"],
    ["a number beyond numbers", '{"nonce":"NONCE","output":1e999}', 0, "OUTPUT_UNREADABLE"],
    ["an error", '{"nonce":"NONCE","error":"no such city"}', 0, "GUEST_ERROR"],
    [
      "a code that no door gave it",
      '{"nonce":"NONCE","error":"x","code":"RECORD_FULL"}',
      0,
      "GUEST_ERROR",
    ],
    [
      "a file that it may not write",
      '{"nonce":"NONCE","output":1,"files":{"a.txt":"eA=="}}',
      0,
      "FILES_DENIED",
    ],
    ["nothing, and fails", "", 1, "GUEST_ERROR"],
    ["nothing, and fails with the highest code", "", 255, "GUEST_ERROR"],
    ["nothing, and is ended for its processor time", "", 152, "TIMEOUT_CPU"],
    ["nothing, and a signal ends it", "", 139, "SANDBOX_CRASH"],
    ["half a document, and a signal ends it", '{"nonce"', 137, "SANDBOX_CRASH"],
  ];

for (const [what, text, exitCode, code] of answers) {
  test(`says ${what}: ${code}, and its container is gone`, async (t) => {
    const { run, alive } = fakeCalls(t);
    t.match(await run(says(text, exitCode)), { kind: "failed", code });
    t.equal(alive(), 0);
  });
}

test("what looks odd in an output is an output all the same", async (t) => {
  const { run } = fakeCalls(t);
  const output = '{"__proto__":{"a":1},"constructor":null,"a\\"}":"]}\\\\"}';
  const result = await run(says(`{"nonce":"NONCE","output":${output}}`));
  t.match(result, { kind: "output", output });
});

test("an answer counts the moment that it is whole, however it is cut; what goes on is ended", async (t) => {
  const { run, alive } = fakeCalls(t);
  const program: Program = (container, { nonce }) => {
    const text = `{"nonce":"${nonce}","output":"}{\\"ä"}`;
    for (const byte of Buffer.from(text)) container.say(Uint8Array.of(byte));
  };
  t.match(await run(program), { kind: "output", output: '"}{\\"ä"' });
  t.equal(alive(), 0);
});

test("who says more while it is ended has said nothing", async (t) => {
  const { run, alive } = fakeCalls(t);
  const program: Program = (container, { nonce }) => {
    container.kill = async () => {
      container.say(` {"nonce":"${nonce}","output":2}`);
      container.end({ exitCode: 137 });
    };
    container.say(good.replace("NONCE", nonce));
  };
  t.match(await run(program), { kind: "failed", code: "OUTPUT_UNREADABLE" });
  t.equal(alive(), 0);
});

test("an answer that was written before the call is none of it", async (t) => {
  const { run, alive } = fakeCalls(t);
  let stale = "";
  await run((container, told) => {
    stale = told.nonce;
    says(good)(container, told);
  });
  await run((container) => {
    container.say(good.replace("NONCE", stale));
    container.end();
  }).then((result) => t.match(result, { kind: "failed", code: "OUTPUT_UNREADABLE" }));
  t.equal(alive(), 0);
});

test("an output at its limit is one, one byte more is too long", async (t) => {
  const { run } = fakeCalls(t);
  const grant = { limits: { ...inContainer().limits, outputKb: 1 } };
  const outputOf = (bytes: number): string => `"${"x".repeat(bytes - 2)}"`;
  const answer = (bytes: number): Program => says(`{"nonce":"NONCE","output":${outputOf(bytes)}}`);
  t.match(await run(answer(1_024), { grant }), { kind: "output", output: outputOf(1_024) });
  t.match(await run(answer(1_025), { grant }), { kind: "failed", code: "OUTPUT_LIMIT" });
});

test("a stream without end is cut off, read no further, and ends its call", async (t) => {
  const { run, alive } = fakeCalls(t);
  const chunk = Buffer.alloc(65_536, "{");
  for (const [stream, bytes] of [
    ["stdout", 64 * 1024 * 3 + containerLimits.answerRestBytes],
    ["stderr", containerLimits.errorBytes],
  ] as const) {
    let said = 0;
    const program: Program = (container) => {
      const flood = (): void => {
        if (!container.isAlive || said > 4 * bytes) return;
        container.say(chunk, stream);
        said += chunk.length;
        setImmediate(flood);
      };
      flood();
    };
    t.match(await run(program), { kind: "failed", code: "OUTPUT_LIMIT" });
    t.ok(said <= bytes + 4 * chunk.length, `${said} of ${bytes} on ${stream}`);
    t.equal(alive(), 0);
  }
});

test("standard error is the log, capped, and its last line says what failed", async (t) => {
  const { run } = fakeCalls(t);
  const fails: Program = (container) => {
    container.say("a first line\n", "stderr");
    container.say("no such city\n", "stderr");
    container.end({ exitCode: 2 });
  };
  t.match(await run(fails), {
    ...{ kind: "failed", code: "GUEST_ERROR", detail: "no such city" },
    log: "a first line\nno such city\n",
  });
  const floods: Program = (container, told) => {
    container.say(Buffer.alloc(2 * limits.logBytesPerCall, "é"), "stderr");
    says(good)(container, told);
  };
  const { log } = await run(floods);
  t.ok(log.isWellFormed());
  t.equal(Buffer.byteLength(log), limits.logBytesPerCall);
});

test("whatever bytes a program says, there is one verdict, and nothing is left", async (t) => {
  const { run, alive } = fakeCalls(t);
  const pieces = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
    fc.json().map((json) => Buffer.from(json)),
    fc.json().map((json) => Buffer.from(`{"nonce":"NONCE","output":${json}}`)),
    fc.constantFrom("{", "}", '"', "\\", "[", "]", " ", '{"nonce":"NONCE","').map(Buffer.from),
  );
  const outputs = fc.array(fc.tuple(fc.constantFrom("stdout", "stderr"), pieces), { maxLength: 6 });
  const property = fc.asyncProperty(outputs, fc.nat(255), async (said, exitCode) => {
    const result = await run((container, { nonce }) => {
      for (const [stream, bytes] of said) {
        const text = Buffer.from(bytes).toString("latin1").replaceAll("NONCE", nonce);
        container.say(Buffer.from(text, "latin1"), stream as "stdout");
      }
      container.end({ exitCode });
    });
    if (result.kind === "output") JSON.parse(result.output);
    else if (!refusalCodes.includes(result.code)) return false;
    return alive() === 0 && result.log.isWellFormed();
  });
  await fc.assert(property, { seed: 4, numRuns: 400 });
});
