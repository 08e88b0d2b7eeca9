import type { ScriptedMessage } from "../agent/testing/scripted-model.ts";
import { functionName } from "../agent/tools.ts";
import { isJsonObject, type JsonValue, visitLeaves } from "../manifests/json.ts";

/** What the agent has read so far: all that it knows, it knows from here. */
export class Seen {
  readonly #messages: readonly ScriptedMessage[];

  constructor(messages: readonly ScriptedMessage[]) {
    this.#messages = messages;
  }

  /** Every text in the answers of tools. */
  get text(): string {
    return this.#answers.map(textsOf).join("\n");
  }

  /** What the newest answers said, and nothing older. */
  latest(count: number): Seen {
    return new Seen(this.#messages.slice(-count));
  }

  /** The approval that the newest answer waits for. */
  get approval(): string | undefined {
    return /"approval":"([^"]+)"/.exec(this.#answers.at(-1) ?? "")?.[1];
  }

  /** The first group of each different match. */
  all(pattern: RegExp): readonly string[] {
    return [...new Set([...this.text.matchAll(pattern)].flatMap(([, group]) => group ?? []))];
  }

  /** The newest output of a tool whose arguments hold `part`; null where there is none in full. */
  output(tool: string, part = ""): JsonValue {
    const calls = this.#messages.flatMap(({ tool_calls }) => tool_calls ?? []);
    const call = calls.findLast(
      ({ function: called }) =>
        called.name === functionName(tool) && called.arguments.includes(part),
    );
    const answer = this.#messages.find(({ tool_call_id }) => tool_call_id === call?.id);
    const parsed = parse(answer?.content ?? "");
    return isJsonObject(parsed) ? (parsed["output"] ?? null) : null;
  }

  get #answers(): readonly string[] {
    return this.#messages.flatMap(({ role, content }) =>
      role === "tool" && content ? [content] : [],
    );
  }
}

/** An answer that was cut is no JSON any more; its text is read all the same. */
function textsOf(answer: string): string {
  const parsed = parse(answer);
  if (parsed === undefined) return answer.replaceAll("\\n", "\n").replaceAll('\\"', '"');
  const texts: string[] = [];
  visitLeaves(parsed, (leaf) => texts.push(String(leaf)));
  return texts.join("\n");
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
