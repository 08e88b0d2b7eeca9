import { test } from "tap";
import { controlsBefore, covered } from "./coverage.ts";
import { controls, Trace } from "./trace.ts";

function traceOf(noted: readonly (typeof controls)[number][]): Trace {
  const trace = new Trace(() => 0);
  for (const control of noted) trace.note(control, {});
  return trace;
}

test("a call whose controls have all run is handed on", (t) => {
  const state = { trace: traceOf(controls) };
  t.equal(covered(state, controls), state);
  t.end();
});

test("each control that did not run is named, and refuses the call", (t) => {
  for (const skipped of controls) {
    const trace = traceOf(controls.filter((control) => control !== skipped));
    t.throws(() => covered({ trace }, controls), {
      code: "CONTROL_SKIPPED",
      message: `did not run: ${skipped}`,
    });
  }
  t.end();
});

test("before the grant everything that decides has to have run", (t) => {
  t.strictSame(controlsBefore("grant"), [
    "identify",
    "schema",
    "input-guard",
    "provenance",
    "policy",
  ]);
  t.end();
});
