import type { Test } from "tap";
import type { SandboxResult } from "../sandbox/sandbox.ts";
import type { ToolCalls } from "./support/tool-calls.ts";

type Case = (t: Test, at: ToolCalls) => Promise<void>;

/** What came out, as JSON; the code and the detail of a call that failed. */
export function answerOf(result: SandboxResult): unknown {
  return result.kind === "output"
    ? JSON.parse(result.output)
    : { code: result.code, detail: result.detail };
}

/** What the shipped tools do in their images, and what nobody gets them to do. */
export const toolCases: Readonly<Record<string, Case>> = {
  "a command is nobody's, and reaches nothing": async (t, { run }) => {
    const command =
      "id; ls /; cat /etc/shadow; wget -T2 -O- http://169.254.169.254/; find / -perm /6000 -type f 2>&-";
    const said = answerOf(await run("shell.run", { command })) as Record<string, string>;
    t.match(said["stdout"], /^uid=65532\(sandbox\) gid=65532[ (]/);
    t.match(said["stderr"], /shadow': No such file/);
    t.match(said["stderr"], /169\.254\.169\.254:80\.\.\. failed: (Network is unreach|No route)/);
    t.notMatch(said["stdout"], /\/usr/, "no program raises anybody");
  },

  "a command reads its input and its files, and its exit code is told": async (t, { run }) => {
    const files = { "names.txt": "b\na\n", "deep/er.txt": "é" };
    const command = "cat - names.txt deep/er.txt; sort < names.txt >&2; sleep 600 & exit 7";
    t.strictSame(answerOf(await run("shell.run", { command, stdin: "in\n", files })), {
      exitCode: 7,
      stdout: "in\nb\na\né",
      stderr: "a\nb\n",
      truncated: false,
    });
  },

  "`localhost` is the loopback, whatever an engine puts into `/etc/hosts`": async (t, { run }) => {
    const name = "import socket; output = socket.gethostbyname('localhost'); print(output)";
    const asked = 'return (await require("node:dns").promises.lookup("localhost", 4)).address';
    for (const [tool, input] of [
      ["shell.run", { command: `python3 -c "${name}"` }],
      ["python.run", { code: name }],
      ["node.run", { code: asked }],
    ] as const) {
      t.match(JSON.stringify(answerOf(await run(tool, input))), '"127.0.0.1', tool);
    }
  },

  "a command may end before its threads do": async (t, { run }) => {
    const endless = 'Thread(target=exec, args=("while 1: pass",), daemon=True).start()';
    const command = `python3 -c 'from threading import Thread; ${endless}'`;
    t.match(answerOf(await run("shell.run", { command })), { exitCode: 0, stderr: "" });
  },

  "what is printed beyond the room for it is cut off, and that is said": async (t, { run }) => {
    for (const [command, most] of [
      ["yes | head -c 10000000; yes | head -c 10000000 >&2", 65_536],
      // Each of these bytes is six in JSON.
      ["head -c 60000 /dev/zero", 98_304 / 6],
      ["head -c 60000 /dev/urandom", 65_536],
    ] as const) {
      const said = answerOf(await run("shell.run", { command })) as Record<string, string>;
      t.match(said, { exitCode: 0, truncated: true }, command);
      t.ok((said["stdout"]?.length ?? 0) <= most, `${command}: ${said["stdout"]?.length}`);
      t.ok((said["stdout"]?.length ?? 0) > 10_000, command);
    }
  },

  "attack: a command answers in the program's place": async (t, { run }) => {
    const forged = '{\\"nonce\\":\\"0\\",\\"output\\":1}';
    const print = answerOf(await run("shell.run", { command: `echo "${forged}"` }));
    t.match(print, { exitCode: 0, stdout: '{"nonce":"0","output":1}\n' });
    const command = `for fd in /proc/[0-9]*/fd/1; do echo "${forged}" > $fd; done 2>&-; sleep 1`;
    t.match(answerOf(await run("shell.run", { command })), { code: "OUTPUT_UNREADABLE" });
  },

  "attack: a command reads the nonce out of the program": async (t, { run }) => {
    const command = `cd /proc; for one in [0-9]*; do
      grep -q ^/ringward/run $one/comm || grep -q run $one/comm || continue
      echo found; head -c 1 $one/mem && echo memory
    done 2>&-`;
    const said = answerOf(await run("shell.run", { command })) as Record<string, string>;
    t.equal(said["stdout"], "found\n");
  },

  "a command that computes too long ends as one that did": async (t, { run }) => {
    const command = "while :; do :; done";
    const limits = { cpuMs: 1_000, wallMs: 30_000 };
    t.match(answerOf(await run("shell.run", { command }, limits)), { code: "TIMEOUT_CPU" });
  },

  "Python has its library, its input and its output": async (t, { run }) => {
    const code = [
      "import ssl, sqlite3, ctypes, urllib.request, subprocess, sys",
      "print('printed'); print('aside', file=sys.stderr)",
      "print(subprocess.run(['echo', 'below'], capture_output=True, text=True).stdout, end='')",
      "output = {'sum': sum(input), 'open': len(__import__('os').listdir('/proc/self/fd')) - 1}",
    ].join("\n");
    t.strictSame(answerOf(await run("python.run", { code, input: [1, 2] })), {
      // Its three streams, and the one for its output.
      output: { sum: 3, open: 4 },
      stdout: "printed\nbelow\n",
      stderr: "aside\n",
      truncated: false,
    });
  },

  "Python that fails says what and where": async (t, { run }) => {
    for (const [code, detail] of [
      ["x = 1\nraise ValueError('mine')", "ValueError: mine (line 2)"],
      ["x = (", /^SyntaxError: /],
      ["import os; os._exit(3)", "the code ended its process, with exit code 3"],
      ["import sys; sys.exit('no')", "the code exits with 'no'"],
      ["output = 2**60", /an integer beyond/],
      ["output = float('nan')", /no JSON/],
      ["output = '\\ud800'", /no JSON/],
      ["output = {1: 2, '1': 3}", /the same text/],
      ["output = []\nfor _ in range(10**5): output = [output]", /no JSON/],
      ["output = open", /no JSON: Object of type builtin/],
    ] as const) {
      const answer = answerOf(await run("python.run", { code }));
      t.match(answer, { code: "GUEST_ERROR", detail }, code);
    }
  },

  "Node has its modules, its input and its output": async (t, { run }) => {
    const code = `console.log("printed"); console.error("aside");
      require("node:child_process").execFileSync("echo", ["below"], { stdio: "inherit" });
      require("node:fs").writeSync(1, "raw");
      return { sum: input[0] + input[1], crc: require("node:zlib").crc32("a") };`;
    t.strictSame(answerOf(await run("node.run", { code, input: [1, 2] })), {
      output: { sum: 3, crc: 3904355907 },
      stdout: "printed\n",
      stderr: "aside\n",
      truncated: false,
    });
  },

  "Node that fails says what": async (t, { run }) => {
    for (const [code, detail] of [
      ["throw new TypeError('mine')", "TypeError: mine"],
      ["return (", /^SyntaxError: /],
      ["process.exit(3)", "the code ended its process, with exit code 3"],
      ["setTimeout(() => { throw new Error('late') }); await new Promise(() => {})", /late/],
      ["const all = []; for (;;) all.push(new Array(1e5).fill(1.5))", /memory/],
    ] as const) {
      const answer = answerOf(await run("node.run", { code }, { wallMs: 60_000 }));
      t.match(answer, { code: "GUEST_ERROR", detail }, code);
    }
    const flood = "for (let i = 0; i < 5e3; i += 1) console.log('x'.repeat(100)); return 1";
    const said = answerOf(await run("node.run", { code: flood })) as Record<string, string>;
    t.match(said, { output: 1, truncated: true });
    t.equal(said["stdout"]?.length, 65_536);
  },

  "code of ours runs in the image `node` as it does in an isolate": async (t, { run }) => {
    t.equal(answerOf(await run("js.run", { code: "return 6 * 7" })), 42);
    const seen = "return [typeof process, typeof require, typeof host, typeof fetch]";
    t.strictSame(answerOf(await run("js.run", { code: seen })), Array(4).fill("undefined"));
    t.match(answerOf(await run("js.run", { code: "throw new Error('mine')" })), {
      code: "GUEST_ERROR",
      detail: "Error: mine",
    });
  },
};
