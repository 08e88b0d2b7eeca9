import type { Mutation } from "./mutations.ts";

export const signalsMutations: readonly Mutation[] = [
  {
    takesOut: "a crash is a signal",
    file: "gateway/signals/signals.ts",
    from: '  SANDBOX_CRASH: "crashes",\n',
    to: "",
    test: "tests/security/signals.test.ts",
  },
  {
    takesOut: "a misused secret is a signal, caught by the tool or not",
    file: "gateway/signals/signals.ts",
    from: "...(result?.requests ?? []).map(({ code }) => code)",
    to: "",
    test: "gateway/signals/signals.test.ts",
  },
  {
    takesOut: "signals count within a window",
    file: "gateway/signals/signals.ts",
    from: ".filter((one) => one.at > since)",
    to: "",
    test: "gateway/signals/signals.test.ts",
  },
  {
    takesOut: "a version of a tool is counted for itself",
    file: "gateway/signals/signals.ts",
    from: 'target === "tool" ? tool.pin : ids[target]',
    to: "ids[target]",
    test: "gateway/signals/signals.test.ts",
  },
  {
    takesOut: "windows are bounded",
    file: "gateway/signals/signals.ts",
    from: "new Lru<string, Window>(limits.signalWindows)",
    to: "new Lru<string, Window>(1e9)",
    test: "gateway/signals/signals.test.ts",
  },
  {
    takesOut: "a freeze that failed is tried again",
    file: "gateway/signals/signals.ts",
    from: "windows.set(window, recent.slice(1));",
    to: "",
    test: "gateway/signals/signals.test.ts",
  },
  {
    takesOut: "only who is configured is frozen",
    file: "gateway/signals/rules.ts",
    from: '.default(["principal"])',
    to: '.default(["tool"])',
    test: "tests/security/signals.test.ts",
  },
  {
    takesOut: "the end of a call is heeded",
    file: "gateway/calls-in-flight.ts",
    from: "await this.#heed({ id, at: clock.now(), reached: trace.reached, answer });",
    to: "",
    test: "tests/security/signals.test.ts",
  },
  {
    takesOut: "what is frozen and runs is stopped",
    file: "gateway/calls-in-flight.ts",
    from: "for (const what of await this.#deps.signals.heed(call)) await this.stop(what);",
    to: "await this.#deps.signals.heed(call);",
    test: "tests/security/signals.test.ts",
  },
];
