// Calls come in as lines of JSON, answers go out the same way.
import { createInterface } from "node:readline";

/** The program that runs a guest's function in a peer that takes plain scripts. */
export function scriptOf(code, input) {
  const answer = "out instanceof Promise ? out.then((value) => JSON.stringify(value))";
  return `${code};(() => {
    const out = run(JSON.parse(${JSON.stringify(input)}));
    return ${answer} : JSON.stringify(out);
  })()`;
}

/** `open` is given the guest's code, and gives what runs one call. */
export function serveLines(open) {
  const lines = createInterface({ input: process.stdin });
  let run;
  lines.on("line", (line) => {
    const { id, code, input } = JSON.parse(line);
    if (code !== undefined) run = Promise.resolve(open(code));
    void answer(
      async () => (code === undefined ? (await run)(input) : await run.then(() => "")),
      id,
    );
  });
  lines.on("close", () => process.exit(0));
}

async function answer(call, id) {
  try {
    say({ id, output: await call() });
  } catch (error) {
    say({ id, error: String(error?.message ?? error).slice(0, 500) });
  }
}

function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
