import { getQuickJS, Scope, shouldInterruptAfterDeadline } from "quickjs-emscripten";
import bounds from "../bounds.json" with { type: "json" };
import { scriptOf, serveLines } from "./lines.js";

serveLines(async (code) => {
  const quickjs = await getQuickJS();
  return (input) => Scope.withScopeAsync((scope) => runOnce(quickjs, scope, scriptOf(code, input)));
});

async function runOnce(quickjs, scope, script) {
  const runtime = scope.manage(quickjs.newRuntime());
  runtime.setMemoryLimit(bounds.memoryMb * 1_048_576);
  runtime.setInterruptHandler(shouldInterruptAfterDeadline(Date.now() + bounds.timeMs));
  const context = scope.manage(runtime.newContext());
  const result = scope.manage(context.unwrapResult(context.evalCode(script)));
  const settled = context.resolvePromise(result);
  runtime.executePendingJobs();
  return context.getString(scope.manage(context.unwrapResult(await settled)));
}
