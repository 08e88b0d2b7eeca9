import type { JsonObject, JsonValue } from "../../../manifests/json.ts";
import { isJsonObject } from "../../../manifests/json.ts";
import type { Effect, Role } from "../../../manifests/manifest.ts";
import type { ListedTool } from "./listed-tool.ts";

/** What was guessed, and by what. */
export interface Guess<T> {
  readonly value: T;
  readonly because: string;
}

const verbs: readonly (readonly [readonly Effect[], readonly string[]])[] = [
  [
    ["write", "external"],
    [
      ...["send", "post", "share", "invite", "reserve", "book", "pay", "transfer", "publish"],
      ...["email", "mail", "upload", "forward", "submit", "order", "buy", "purchase", "reply"],
      ...["notify", "call", "tweet", "schedule", "deploy", "push", "grant"],
    ],
  ],
  [["destructive"], ["delete", "remove", "cancel", "drop", "purge", "erase", "terminate", "reset"]],
  [
    ["write"],
    [
      ...["create", "add", "update", "set", "edit", "append", "rename", "move", "write", "insert"],
      ...["save", "mark", "change", "modify", "replace", "copy", "archive", "enable", "disable"],
    ],
  ],
  [
    ["read"],
    [
      ...["get", "list", "search", "read", "find", "check", "show", "view", "query", "lookup"],
      ...["count", "describe", "calculate", "convert", "compare", "summarize", "retrieve"],
    ],
  ],
  [
    ["read", "external"],
    ["fetch", "download", "browse", "open", "visit", "crawl"],
  ],
];

/** By the first word of its name that says what it does; nothing is taken for harmless unread. */
export function guessEffects({ name, hints }: ListedTool): Guess<readonly Effect[]> {
  for (const word of wordsOf(name)) {
    const found = verbs.find(([, words]) => words.includes(word));
    if (found) return { value: found[0], because: `its name says \`${word}\`` };
  }
  const hint = hints["readOnlyHint"] === true ? "; its server says that it only reads" : "";
  const because = `nothing in its name says what it does${hint}: the most that it may be`;
  return { value: ["write", "external"], because };
}

/** Whether a word says what a tool does. */
export function isVerb(word: string): boolean {
  return verbs.some(([, words]) => words.includes(word));
}

const roleWords: readonly (readonly [Role, readonly string[]])[] = [
  [
    "destination",
    [
      ...["to", "recipient", "recipients", "cc", "bcc", "receiver", "url", "uri", "link", "host"],
      ...["endpoint", "webhook", "domain", "email", "emails", "participants", "channel", "iban"],
      ...["attendees", "invitee", "payee"],
    ],
  ],
  ["path", ["path", "file", "filename", "directory", "folder", "filepath"]],
  ["command", ["command", "cmd", "code", "script", "sql", "expression", "program"]],
  ["amount", ["amount", "price", "total", "quantity", "sum", "balance"]],
  ["time", ["date", "day", "time", "start", "end", "deadline", "until", "since", "month", "year"]],
  [
    "content",
    [
      ...["body", "content", "text", "message", "subject", "title", "description", "comment"],
      ...["note", "password", "location", "street", "summary", "attachments"],
    ],
  ],
  ["selector", ["query", "limit", "count", "filter", "sort", "page", "offset", "recurring", "n"]],
  ["identifier", ["id", "ids", "key", "name", "names", "number"]],
];

/** By the words of its name, the last first; what nobody can tell is what is looked at hardest. */
export function guessRole(
  argument: string,
  schema: JsonValue,
  effects: readonly Effect[],
): Guess<Role> {
  for (const word of wordsOf(argument).reverse()) {
    const found = roleWords.find(([, words]) => words.includes(word));
    if (found) return { value: found[0], because: `\`${word}\`` };
  }
  if (typeOf(schema) === "boolean") return { value: "selector", because: "yes or no" };
  const isRead = effects.every((effect) => effect === "read");
  return isRead
    ? { value: "selector", because: "it chooses what is read" }
    : { value: "identifier", because: "it chooses what is changed" };
}

/** The words of a name in any style: `getUserInfo`, `get_user_info`, `users.info.get`. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

export function propertiesOf({ input }: ListedTool): JsonObject {
  const { properties } = input;
  return isJsonObject(properties) ? properties : {};
}

function typeOf(schema: JsonValue): JsonValue | undefined {
  return isJsonObject(schema) ? schema["type"] : undefined;
}
