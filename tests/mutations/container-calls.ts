import type { Mutation } from "./mutations.ts";

const room = "sandbox/container/";
const runCall = `${room}call/run-call.ts`;
const reader = `${room}call/document-reader.ts`;
const held = `${room}call/held-bytes.ts`;
const hearing = `${room}call/hearing.ts`;
const said = `${room}call/said.ts`;
const verdict = `${room}call/verdict.ts`;
const standing = `${room}pool/standing.ts`;
const sandbox = `${room}container-sandbox.ts`;

/** What a call in a container believes, and when. */
const calls: readonly Mutation[] = (
  [
    {
      takesOut: "an answer is its call's by the nonce",
      ...{ file: said, from: ' || said["nonce"] !== nonce', to: "" },
    },
    {
      takesOut: "an answer has no other words",
      ...{ file: said, from: "words.includes(key)", to: "key.length < 99 || words" },
    },
    {
      takesOut: "an answer is one of two",
      ...{ file: said, from: '"output" in said !== "error" in said &&', to: "" },
    },
    {
      takesOut: "an answer's files are texts",
      ...{ file: said, from: '    isTexts(said["files"])\n', to: "    isTexts(undefined)\n" },
    },
    {
      takesOut: "an error is text",
      ...{ file: said, from: '    isText(said["error"]) &&\n', to: "" },
    },
    {
      takesOut: "nothing stands before an answer",
      ...{ file: reader, from: '"nothing" && byte === openBrace;', to: '"nothing";' },
    },
    {
      takesOut: "nothing stands behind an answer",
      ...{
        file: reader,
        from: 'const isStart = this.#reading === "nothing" && byte',
        to: "const isStart = byte",
      },
    },
    {
      takesOut: "a bracket in a text is none",
      ...{
        file: reader,
        from: "if (this.#isString) this.#readString(byte);\n    else if",
        to: "if",
      },
    },
    {
      takesOut: "an escaped quote ends no text",
      ...{ file: reader, from: "else if (byte === backslash) this.#isEscaped = true;", to: "" },
    },
    {
      takesOut: "what is held has an end",
      ...{
        file: held,
        from: "chunk.subarray(0, this.#ceiling - this.#length)",
        to: "chunk.subarray(0)",
      },
    },
    {
      takesOut: "what is too long ends the call",
      ...{ file: reader, from: 'else this.#reading = "too-long";', to: "" },
    },
    {
      takesOut: "the log has an end, and so has its call",
      ...{
        file: hearing,
        from: "this.#errorBytes > containerLimits.errorBytes",
        to: "this.#errorBytes < 0",
      },
    },
    {
      takesOut: "who says more has said nothing",
      ...{
        file: runCall,
        from: 'this.#hearing.isLate ? failed("OUTPUT_UNREADABLE") : verdict',
        to: "verdict",
      },
    },
    {
      takesOut: "an output has its limit",
      ...{ file: verdict, from: "Buffer.byteLength(output) > outputBytes", to: "outputBytes < 0" },
    },
    {
      takesOut: "half an answer is none",
      ...{ file: verdict, from: 'if (hasBegun) return failed("OUTPUT_CUT");', to: "" },
    },
    {
      takesOut: "a code is believed where a door gave it",
      ...{
        file: verdict,
        from: " && entries.some((entry) => entry.code === code)",
        to: " && entries.length < 99",
      },
    },
    {
      takesOut: "a signal's end is a crash",
      ...{
        file: verdict,
        from: "exitCode > signalled && exitCode <=",
        to: "exitCode > 999 && exitCode <=",
      },
    },
  ] as const
).map((one) => ({ ...one, test: "tests/container-calls.test.ts" }));

/** When a call in a container is over. */
const ends: readonly Mutation[] = (
  [
    {
      takesOut: "silence ends at the wall time",
      ...{ file: runCall, from: 'forced.resolve(failed("TIMEOUT_WALL"))', to: "undefined" },
    },
    {
      takesOut: "a call that is given up ends",
      ...{
        file: runCall,
        from: 'signal.addEventListener("abort", cancel, { once: true });',
        to: "",
      },
    },
    {
      takesOut: "a call waits until nothing of it runs",
      ...{
        file: runCall,
        from: "await standing.quiet()",
        to: "{ isOutOfMemory: !standing }",
      },
    },
    {
      takesOut: "an answer counts where its container is known to be gone",
      ...{
        file: runCall,
        from: 'if (lost) return failed("ENGINE_UNAVAILABLE");',
        to: "if (lost) return verdict;",
      },
    },
    {
      takesOut: "memory that ran out is told as such",
      ...{ file: verdict, from: 'if (ended.isOutOfMemory) return failed("OOM");', to: "" },
    },
    {
      takesOut: "an engine that is lost is told as such",
      ...{ file: verdict, from: 'if (ended.lost) return failed("ENGINE_UNAVAILABLE");', to: "" },
    },
    {
      takesOut: "a way out is shut with its call",
      ...{ file: standing, from: "socket?.close() ?? Promise.resolve()", to: "Promise.resolve()" },
    },
    {
      takesOut: "what is mounted is the very file that stands there now",
      ...{
        file: `${room}call/ground.ts`,
        from: "const { dev, ino, birthtimeNs } =",
        to: "const [dev, ino, birthtimeNs] = [1, 2, 3]; void",
      },
    },
    {
      takesOut: "a call is not run again",
      ...{ file: sandbox, from: "if (job.recording) return notAgain();", to: "" },
    },
    {
      takesOut: "a call of another tier does not run",
      ...{
        file: sandbox,
        from: "if (job.grant.sandbox.tier !== tier) throw",
        to: "if (tier.length > 99) throw",
      },
    },
  ] as const
).map((one) => ({ ...one, test: "tests/container-calls-ends.test.ts" }));

export const containerCallsMutations: readonly Mutation[] = [
  ...calls,
  ...ends,
  {
    takesOut: "a long text of escapes is read in parts",
    file: "manifests/strict-json.ts",
    from: "{1,10000}/y",
    to: "+/y",
    test: "manifests/strict-json.test.ts",
  },
];
