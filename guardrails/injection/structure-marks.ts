import type { Trace } from "./structure.ts";

/** Marks between system, user, model and tools, where a text that is data imitates them. */
export function* imitatedRoles(text: string): Generator<Trace> {
  for (const mark of marks) {
    if (mark.may.some((sign) => text.includes(sign))) yield* tracesOf(text, mark);
  }
  yield* imitatedTurns(text);
}

function* tracesOf(text: string, { pattern, name, score }: Mark): Generator<Trace> {
  for (const { index: start, 0: mark } of text.matchAll(pattern)) {
    const isQuoted = isQuotedAt(text, start);
    yield { name, score: isQuoted ? score / 2 : score, start, end: start + mark.length };
    if (!isQuoted) return;
  }
}

/** Whoever writes about marks quotes them, or shows them in a block of code. */
function isQuotedAt(text: string, at: number): boolean {
  if (/["'`“]/.test(text.charAt(at - 1))) return true;
  const before = text.slice(Math.max(0, at - quotedChars), at);
  return before.split("```").length % 2 === 0;
}

/** A block of code that is longer is no example. */
const quotedChars = 2_000;

/** A talk between a user and a model, where a text is neither's. */
function* imitatedTurns(text: string): Generator<Trace> {
  const [model, user] = [
    /^[ \t]{0,8}(?:assistant|ai|model|bot|chatgpt|system) ?:/im,
    /^[ \t]{0,8}(?:user|human) ?:/im,
  ];
  const answered = model.exec(text);
  const asked = answered && user.exec(text);
  if (!answered || !asked) return;
  const start = Math.min(answered.index, asked.index);
  yield { name: "role", score: 0.5, start, end: Math.max(answered.index, asked.index) };
}

interface Mark {
  /** One of them stands in whatever the pattern matches. */
  readonly may: readonly string[];
  /** Linear: each part begins with a sign that the others do not pass. */
  readonly pattern: RegExp;
  readonly name: "role" | "end-of-data";
  readonly score: number;
}

const marks: readonly Mark[] = [
  {
    name: "role",
    score: 0.85,
    may: ["<|", "<｜", "|>"],
    pattern:
      /<[|｜](?:im_start|im_end|im_sep|start_header_id|end_header_id|eot_id|eom_id|begin_of_text|end_of_text|endoftext|endofprompt|system|user|assistant|tool|end|channel|message|start|python_tag|tool_call|tool_response)[|｜]>/g,
  },
  {
    name: "role",
    score: 0.85,
    may: ["INST]", "SYS>>", "TOOL_", "_of_turn>", "AVAILABLE_"],
    pattern:
      /\[\/?INST\]|<<\/?SYS>>|\[\/?(?:TOOL_CALLS|TOOL_RESULTS|AVAILABLE_TOOLS|SYSTEM_PROMPT)\]|<(?:start|end)_of_turn>/g,
  },
  {
    name: "role",
    score: 0.6,
    may: [
      "<system",
      "<SYSTEM",
      "<System",
      "<assistant",
      "<developer",
      "<admin",
      "<IMPORTANT",
      "<instructions",
    ],
    pattern:
      /^[ \t]{0,16}<(?:system|assistant|developer|admin)(?:[_-](?:prompt|message|instructions?|note|reminder|override))?>|<IMPORTANT>|<(?:system|admin|developer)[_-](?:prompt|message|instructions?|note|reminder|override)>/gim,
  },
  {
    name: "role",
    score: 0.6,
    may: ["#"],
    pattern:
      /^#{2,4} ?(?:system|assistant|human|user|instruction|response|new instructions?)(?: (?:prompt|message))?:[ \t]*\r?$/gim,
  },
  {
    name: "end-of-data",
    score: 0.75,
    may: [
      "</tool",
      "</function",
      "</search",
      "</doc",
      "</data",
      "</untrusted",
      "</context",
      "</result",
      "</external",
      "</retrieved",
      "</user",
      "</input",
    ],
    pattern:
      /<\/(?:tool_(?:result|output|response)|function_(?:results?|response|output)|search_results?|untrusted(?:_\w{1,20})?|external_(?:data|content)|retrieved(?:_\w{1,20})?|user_(?:data|input|content)|tool_results)>/gi,
  },
];
