import type { Mutation } from "./mutations.ts";

type Change = readonly [file: string, takesOut: string, from: string, to?: string];

const calls: readonly Change[] = [
  ["said", "a code belongs to an error", '    ("error" in said || !("code" in said)) &&\n'],
  ["said", "a code is text", '    isText(said["code"]) &&\n'],
  ["said", "an answer is strict JSON", "parseStrictJson(document)", "JSON.parse(String(document))"],
  [
    "verdict",
    "a processor's limit is told as such",
    'if (exitCode === signalled + processorTime) return failed("TIMEOUT_CPU");',
  ],
  ["verdict", "an exit code is no signal", " && exitCode <= signalled + signals"],
  [
    "verdict",
    "silence is no output",
    'if (exitCode === 0) return failed("OUTPUT_UNREADABLE", "the tool\'s program said nothing");',
  ],
  ["verdict", "the last line says what failed", "lastLine || `", "`"],
  [
    "hearing",
    "a log has a length",
    "new HeldBytes(limits.logBytesPerCall)",
    "new HeldBytes(2 ** 24)",
  ],
  ["hearing", "half an answer has begun", 'this.#reader.reading === "inside"', "false"],
  [
    "hearing",
    "what is too long ends its call",
    '      case "too-long":\n        return failed("OUTPUT_LIMIT");',
    '      case "too-long":\n        return undefined;',
  ],
  [
    "run-call",
    "files are copied out",
    'if (verdict.kind === "output") await copyOut(verdict.files ?? {}, this.#door);',
  ],
  ["run-call", "mounts ask the door", "for (const path of mounts) await this.#door.mount(path);"],
  [
    "run-call",
    "a way out only where granted",
    "const network = grant.permissions.net.length > 0;",
    "const network = true;",
  ],
  ["run-call", "code has a way to its files", "net.length + fs.length > 0", "net.length > 0"],
  [
    "run-call",
    "no credential without a way out",
    "...(credential !== undefined && { credential })",
    "credential: credential ?? ''",
  ],
  ["run-call", "a nonce is made for its call", 'randomBytes(16).toString("hex")', '"0".repeat(32)'],
  [
    "through-door",
    "a code is held against the door",
    "codeOf(verdict.code, door.entries)",
    "verdict.code as never",
  ],
  ["run-call", "code mounts nothing", '    if (code !== "") {', '    if (code === "-") {'],
];

const said: readonly Change[] = [
  ["verdict", "an error has a length", "detail: said.error.slice(0, 500)", "detail: said.error"],
  ["verdict", "a last line has a length", "detail: detail.slice(0, 500)", "detail"],
  [
    "verdict",
    "a death is marked",
    '{ ...failed("SANDBOX_CRASH"), signal: "died" }',
    'failed("SANDBOX_CRASH")',
  ],
  [
    "hearing",
    "what is no answer ends its call",
    '      case "garbage":\n        return failed("OUTPUT_UNREADABLE");',
    '      case "garbage":\n        return undefined;',
  ],
  [
    "run-call",
    "what is said is screened for secrets",
    "screened(said, this.#hearing.log, this.#door)",
    "said",
  ],
  [
    "run-call",
    "code has a way out only where granted",
    "const network = net.length + fs.length > 0;",
    "const network = true;",
  ],
  [
    "run-call",
    "files are told where some may be left",
    "return writes ? { cordon, files: await copiesIn(grant, this.#door) } : { cordon };",
    "return { cordon, files: await copiesIn(grant, this.#door) };",
  ],
  ["told", "programs are told of no code", '...(code !== "" && { code })', "code"],
];

const documents: readonly Change[] = [
  [
    "document-reader",
    "nothing of what is spoilt is held",
    "    if (this.isSpoilt) this.#held.clear();\n",
  ],
  [
    "document-reader",
    "an escape is over with its character",
    "if (this.#isEscaped) this.#isEscaped = false;\n    else if",
    "if",
  ],
  [
    "document-reader",
    "brackets of lists count",
    "byte === openBrace || byte === openBracket) this.#depth",
    "byte === openBrace) this.#depth",
  ],
  [
    "document-reader",
    "only JSON's own space is space",
    "byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09",
    "byte <= 0x20",
  ],
  ["document-reader", "nothing leads back", "    if (this.isSpoilt) return;\n"],
  [
    "held-bytes",
    "what is not all is said not to be",
    "return kept.length === chunk.length;",
    "return true;",
  ],
];

const bounds: readonly Change[] = [
  ["bounds", "files have room in an answer", "  return writes\n", "  return !writes\n"],
  [
    "bounds",
    "escapes have room in an answer",
    "limits.outputKb * 1024 * answerEscapes + answerRestBytes",
    "limits.outputKb * 1024",
  ],
  [
    "bounds",
    "a call waits no longer than a start takes",
    "Math.min(Math.max(limits.wallMs, containerWaitMs), containerStartMs)",
    "Math.max(limits.wallMs, containerWaitMs)",
  ],
  [
    "bounds",
    "a short call waits for a container all the same",
    "Math.max(limits.wallMs, containerWaitMs)",
    "limits.wallMs",
  ],
];

const ends: readonly Change[] = [
  ["run-call", "input ends", "      launched.endInput();\n"],
  ["run-call", "a place is given back", "      this.#deps.pool.give(standing);\n"],
  ["run-call", "what failed stays so", '    if (verdict.kind === "failed") return verdict;\n'],
  [
    "run-call",
    "the end is heard of",
    "Promise.race([this.#hearing.decided, ended, forced.promise])",
    "Promise.race([this.#hearing.decided, forced.promise])",
  ],
];

/** What a program in a container says, and what is made of it. */
export const containerSaidMutations: readonly Mutation[] = [
  ...rows(calls, "tests/container-calls.test.ts"),
  ...rows(said, "tests/container-calls-said.test.ts"),
  ...rows(documents, "sandbox/container/call/document-reader.test.ts"),
  ...rows(bounds, "sandbox/container/call/bounds.test.ts"),
  ...rows(ends, "tests/container-calls-ends.test.ts"),
];

function rows(changes: readonly Change[], test: string): readonly Mutation[] {
  return changes.map(([file, takesOut, from, to = ""]) => {
    return { takesOut, file: `sandbox/container/call/${file}.ts`, from, to, test };
  });
}
