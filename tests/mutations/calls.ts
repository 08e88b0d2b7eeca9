import type { Mutation } from "./mutations.ts";

const runCall = "sandbox/isolate/call/run-call.ts";
const answers = "sandbox/isolate/call/answers.ts";
const conversation = "sandbox/isolate/call/conversation.ts";
const screen = "sandbox/screen.ts";
const said = "sandbox/isolate/protocol/said.ts";
const decoder = "sandbox/isolate/protocol/frame-decoder.ts";

const actor = "tests/security/isolate-run-call.test.ts";
const words = "tests/security/isolate-protocol-words.test.ts";
const decoderTest = "sandbox/isolate/protocol/frame-decoder.test.ts";

/** What ends a call, and what is believed of it. */
export const callsMutations: readonly Mutation[] = [
  {
    takesOut: "a call has a deadline",
    ...{
      file: runCall,
      from: 'setTimeout(force, wallMs, "',
      to: 'setTimeout(force, 1e9 + wallMs, "',
    },
    test: actor,
  },
  {
    takesOut: "a forced end kills",
    ...{ file: runCall, from: "    void worker.kill();\n  };", to: "  };" },
    test: actor,
  },
  {
    takesOut: "processor time is watched",
    ...{ file: runCall, from: 'return "TIMEOUT_CPU";', to: "return undefined;" },
    test: actor,
  },
  {
    takesOut: "memory is watched",
    ...{ file: runCall, from: '? "OOM" : undefined', to: "? undefined : undefined" },
    test: actor,
  },
  {
    takesOut: "a call is watched",
    ...{ file: runCall, from: "if (code) force(code);", to: "" },
    test: actor,
  },
  {
    takesOut: "a caller can give up",
    ...{ file: runCall, from: 'signal.addEventListener("abort", cancel, { once: true });', to: "" },
    test: actor,
  },
  {
    takesOut: "a call that was given up does not begin",
    ...{ file: runCall, from: "  if (signal.aborted) cancel();\n", to: "" },
    test: actor,
  },
  {
    takesOut: "an output is bounded in bytes",
    ...{ file: runCall, from: "Buffer.byteLength(end.output) >", to: "end.output.length >" },
    test: actor,
  },
  {
    takesOut: "the door is shut before the verdict",
    ...{ file: runCall, from: "  stop.abort(over);\n  const said", to: "  const said" },
    test: actor,
  },
  {
    takesOut: "the verdict waits for what is under way",
    ...{ file: runCall, from: "  await door.close();\n", to: "" },
    test: actor,
  },
  {
    takesOut: "a worker that is not as it was is killed",
    ...{ file: runCall, from: "  if (!isHarmless(said)) await worker.kill();\n", to: "" },
    test: actor,
  },
  {
    takesOut: "who says more than a verdict is not believed",
    ...{ file: runCall, from: 'isLate ? crashed("late-frame") : said', to: "isLate ? said : said" },
    test: actor,
  },
  {
    takesOut: "a bug of the broker is no result",
    ...{ file: runCall, from: "  conversation.throwBug();\n", to: "" },
    test: actor,
  },
  {
    takesOut: "a code is the broker's only where the broker gave it",
    ...{
      file: runCall,
      from: "refusals.has(code) && isRefusalCode(code)",
      to: "isRefusalCode(code)",
    },
    test: actor,
  },
  {
    takesOut: "a code is the broker's ring's",
    ...{ file: runCall, from: ' && refusalEntry(code).ring === "broker"', to: "" },
    test: actor,
  },
  {
    takesOut: "an error's text has a length",
    ...{ file: runCall, from: "end.detail.slice(0, 500)", to: "end.detail" },
    test: actor,
  },
  {
    takesOut: "who broke the protocol is not asked why it died",
    ...{
      file: runCall,
      from: "if (worker.isHostile || worker.isAlive) return",
      to: "if (!worker) return",
    },
    test: actor,
  },
  {
    takesOut: "a request that fails for a bug is told as none",
    file: answers,
    from: "if (!(error instanceof Refusal)) this.#bug = error;",
    to: "",
    test: actor,
  },
  {
    takesOut: "a wait for nothing is a breach",
    ...{ file: answers, from: "if (this.#open === 0) throw", to: "if (this.#open < 0) throw" },
    test: words,
  },
  {
    takesOut: "a log has a length",
    ...{ file: conversation, from: ".slice(0, limits.logBytesPerCall)", to: "" },
    test: words,
  },
  {
    takesOut: "a log is cut between characters",
    ...{ file: conversation, from: ".toWellFormed();", to: ";" },
    test: words,
  },
  {
    takesOut: "a recording that is not whole gives nothing",
    ...{
      file: conversation,
      from: "given: isWhole ? this.#given : [],",
      to: "given: this.#given,",
    },
    test: words,
  },
  {
    takesOut: "words have a length",
    ...{ file: said, from: " || value.length > chars", to: "" },
    test: words,
  },
  {
    takesOut: "words are texts",
    ...{
      file: said,
      from: 'typeof value !== "string" || value.length > chars',
      to: "String(value).length > chars",
    },
    test: words,
  },
  {
    takesOut: "amounts are amounts",
    ...{ file: said, from: 'typeof value === "number" && value >= 0', to: "value !== undefined" },
    test: words,
  },
  {
    takesOut: "an empty frame is none",
    ...{ file: decoder, from: "length === 0 || ", to: "" },
    test: decoderTest,
  },
  {
    takesOut: "a frame is an object",
    ...{
      file: decoder,
      from: "if (!isJsonObject(frame)) throw",
      to: "if (frame === undefined) throw",
    },
    test: decoderTest,
  },
  {
    takesOut: "a frame is read strictly",
    ...{
      file: decoder,
      from: "const frame = parseStrictJson(bytes);",
      to: 'const frame = JSON.parse(bytes.toString("utf8"));',
    },
    test: decoderTest,
  },
  {
    takesOut: "a log with a handle ends the call",
    ...{ file: screen, from: '    door.refuseHandles(log, "log");\n', to: "" },
    test: actor,
  },
  {
    takesOut: "an output with a handle ends the call",
    ...{
      file: screen,
      from: 'if (said.kind === "output") door.refuseHandles',
      to: "if (!said) door.refuseHandles",
    },
    test: actor,
  },
  {
    takesOut: "an error with a handle ends the call",
    ...{
      file: screen,
      from: 'if (said.kind === "error") door.refuseHandles',
      to: "if (!said) door.refuseHandles",
    },
    test: actor,
  },
  {
    takesOut: "an output is redacted",
    ...{ file: screen, from: "output: door.redact(said.output)", to: "output: said.output" },
    test: actor,
  },
  {
    takesOut: "an error is redacted",
    ...{ file: screen, from: "detail: door.redact(said.detail)", to: "detail: said.detail" },
    test: actor,
  },
  {
    takesOut: "a log is redacted",
    ...{ file: runCall, from: "log: door.redact(conversation.log)", to: "log: conversation.log" },
    test: actor,
  },
];
