import type { Mutation } from "./mutations.ts";

const threads = "guardrails/threads/scan-threads.ts";

export const scanThreadsMutations: readonly Mutation[] = [
  {
    takesOut: "large values are read on threads",
    file: "gateway/guard.ts",
    from: "scannableChars(value) > scanLimits.hereChars",
    to: "scannableChars(value) > Number.POSITIVE_INFINITY",
    test: "tests/security/guards-threads.test.ts",
  },
  {
    takesOut: "a thread that hangs is ended",
    file: threads,
    from: 'stop.abort(new Error("it hangs"))',
    to: "stop",
    test: "tests/security/guards-threads.test.ts",
  },
  {
    takesOut: "whoever waits for a thread is not on the clock",
    file: threads,
    from: "this.#running.size >= scanLimits.threads",
    to: "this.#running.size < 0",
    test: "guardrails/threads/scan-threads.test.ts",
  },
  {
    takesOut: "threads that do not start are told",
    file: threads,
    from: "stop.abort(error)",
    to: "error",
    test: "guardrails/threads/scan-threads.test.ts",
  },
  {
    takesOut: "what was found in a short text counts wherever it stands",
    file: "guardrails/scan.ts",
    from: "earlier.map((finding) => ({ ...finding, path }))",
    to: "[]",
    test: "guardrails/scan.test.ts",
  },
  {
    takesOut: "a short text is read again in a field of another name",
    file: "guardrails/scan.ts",
    from: "fieldNameOf(path)}",
    to: "text.length}",
    test: "guardrails/scan.test.ts",
  },
  {
    takesOut: "a text is no longer than the guards read",
    file: "guardrails/scan.ts",
    from: "if (chars <= limits.scanChars) return chars;",
    to: "if (chars >= 0) return chars;",
    test: "guardrails/scan.test.ts",
  },
];
