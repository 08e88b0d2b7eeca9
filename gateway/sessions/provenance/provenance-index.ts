import type { JsonValue } from "../../../manifests/json.ts";
import { visitLeaves } from "../../../manifests/json.ts";
import { type Source, sources, weaker } from "../../../manifests/label.ts";
import { limits } from "../../../manifests/limits.ts";
import type { Role } from "../../../manifests/manifest.ts";
import type { LogEntry } from "../../store/store.ts";
import {
  normalNumber,
  normalPath,
  normalText,
  parseUrl,
  spokenWords,
  type TypedValue,
  typedValuesIn,
  whole,
} from "./typed-values.ts";

const exactRoles: readonly Role[] = ["destination", "identifier", "path"];

/**
 * Where each value of one session was seen. Built from the session's log alone, so any process can
 * rebuild it. A value that was seen in several places has its best source.
 */
export class ProvenanceIndex {
  /** Of the newest log entry that is in here. */
  sequence = 0;
  readonly #sources = new Map<string, Source>();
  /** What the user said, for values of several words; at most `limits.saidChars` and one turn. */
  #said = " ";

  add(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      if (entry.kind === "result") this.#addResult(entry);
      else this.#addSaid(entry.text);
      this.sequence = entry.sequence;
    }
  }

  /** The best source of one argument element in its role. Never better than what it was seen as. */
  sourceOf(value: null | boolean | number | string, role: Role): Source {
    if (typeof value === "string") return this.#sourceOfText(value, role);
    if (typeof value === "number") return this.#seen({ type: "number", value: String(value) });
    // Yes, no and nothing carry too little to come from anywhere.
    return "unknown";
  }

  #addSaid(text: string): void {
    if (this.#said.length < limits.saidChars) this.#said += `${spokenWords(text)} `;
    for (const value of typedValuesIn(text)) this.#put(value, "task");
  }

  #addResult(entry: LogEntry): void {
    const source: Source = entry.label.integrity === "trusted" ? "trusted" : "untrusted";
    visitLeaves(parseResult(entry.text), (leaf) => {
      if (typeof leaf === "number") this.#put({ type: "number", value: String(leaf) }, source);
      if (typeof leaf !== "string") return;
      for (const value of typedValuesIn(leaf)) this.#put(value, source);
    });
  }

  /** Full, it takes no new values: what it does not know counts as unknown, never as trusted. */
  #put(value: TypedValue, source: Source): void {
    const key = keyOf(value);
    const seen = this.#sources.get(key);
    if (seen === undefined && this.#sources.size >= limits.indexedValues) return;
    if (seen === undefined || sources.indexOf(source) < sources.indexOf(seen)) {
      this.#sources.set(key, source);
    }
  }

  #sourceOfText(text: string, role: Role): Source {
    // Only to a reader are compatibility forms the same; a host or a file system tells them apart.
    if (exactRoles.includes(role) && text !== text.normalize("NFKC")) return "unknown";
    return better(this.#seen(whole(text)), this.#sourceByRole(text, role));
  }

  #sourceByRole(text: string, role: Role): Source {
    switch (role) {
      case "destination":
        return this.#sourceOfDestination(text);
      case "path":
        return better(
          this.#seen({ type: "path", value: normalPath(text) }),
          this.#sourceOfWords(text),
        );
      case "amount":
      case "time":
        return this.#sourceOfFigure(text);
      case "identifier":
      case "selector":
      case "command":
      case "content":
        return this.#sourceOfWords(text);
    }
  }

  /** An address nobody named on a host that somebody did is made of a trusted part: derived. */
  #sourceOfDestination(text: string): Source {
    const url = parseUrl(text);
    if (url === undefined) return this.#seen({ type: "email", value: text.trim().toLowerCase() });
    const exact = this.#seen({ type: "url", value: url.href });
    if (exact === "task" || exact === "trusted") return exact;
    const host = this.#seen({ type: "host", value: url.host });
    if (exact === "untrusted") return exact;
    return host === "task" || host === "trusted" ? "derived" : host;
  }

  #sourceOfFigure(text: string): Source {
    const number = normalNumber(text);
    if (number !== "NaN") return this.#seen({ type: "number", value: number });
    return this.#sourceOfWords(text);
  }

  /** The user said it word for word; or it is one word that was seen somewhere. */
  #sourceOfWords(text: string): Source {
    const spoken = spokenWords(text);
    if (spoken.length >= limits.telltaleChars && this.#said.includes(` ${spoken} `)) return "task";
    return this.#seen({ type: "word", value: normalText(text) });
  }

  /** Short values collide by chance: they can come from a stranger, never from the user. */
  #seen(value: TypedValue): Source {
    const source = this.#sources.get(keyOf(value)) ?? "unknown";
    return value.value.length < limits.telltaleChars ? weaker(source, "unknown") : source;
  }
}

function keyOf(value: TypedValue): string {
  return `${value.type}:${value.value}`;
}

/** `unknown` is no sighting: any real one says more, even a bad one. */
function better(a: Source, b: Source): Source {
  if (a === "unknown") return b;
  if (b === "unknown") return a;
  return sources.indexOf(a) <= sources.indexOf(b) ? a : b;
}

/** Results were made by our own canonicaliser; an erased payload is empty. */
function parseResult(text: string): JsonValue {
  return text === "" ? null : (JSON.parse(text) as JsonValue);
}
