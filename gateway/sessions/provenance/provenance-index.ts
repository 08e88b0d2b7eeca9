import { viewsOf } from "../../../guardrails/views/views.ts";
import { type Field, visitFields } from "../../../manifests/field-labels.ts";
import type { JsonValue } from "../../../manifests/json.ts";
import { type Source, sources, weaker } from "../../../manifests/label.ts";
import type { Role } from "../../../manifests/manifest.ts";
import { provenanceLimits } from "../../../manifests/provenance-limits.ts";
import type { LogEntry } from "../../store/store.ts";
import { datesIn } from "./dates.ts";
import { Records } from "./records.ts";
import { SecretsRead } from "./secrets-read.ts";
import { Sightings } from "./sightings.ts";
import {
  fieldValue,
  normalAccount,
  normalNumber,
  normalPath,
  parseUrl,
  type TypedValue,
  wordsOf,
} from "./typed-values.ts";

const exactRoles: readonly Role[] = ["destination", "identifier", "path"];

/** One element of a call's arguments. */
export interface Element {
  readonly value: null | boolean | number | string;
  readonly role: Role;
  /** Of the argument that it stands in. */
  readonly name: string;
}

/**
 * Where each value of one session was seen. Built from the session's log alone, so any process can
 * rebuild it. A value that was seen in several places has its best source. Strangers cannot crowd
 * out what others said: each standing has room of its own.
 */
export class ProvenanceIndex {
  /** Of the newest log entry that is in here. */
  sequence = 0;
  readonly #records = new Records();
  readonly #secrets = new SecretsRead();
  readonly #seen = {
    task: new Sightings(),
    trusted: new Sightings(),
    untrusted: new Sightings(),
  };

  add(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      if (entry.kind === "result") this.#addResult(entry);
      else this.#seen.task.addText(entry.text);
      this.sequence = entry.sequence;
    }
  }

  /**
   * The best source of one argument element in its role, never better than what it was seen as. What
   * is written in it in another way is looked up too, and counts where a stranger said it.
   */
  sourceOf({ value, role, name }: Element): Source {
    // Yes, no and nothing carry too little to come from anywhere.
    if (typeof value === "boolean" || value === null) return "unknown";
    const field = role === "identifier" ? this.#sourceOfField({ name, value }) : "unknown";
    if (typeof value === "string") return better(field, this.#sourceOfString(value, role));
    return better(field, this.#sourceOf({ type: "number", value: String(value) }));
  }

  #sourceOfString(value: string, role: Role): Source {
    const written = viewsOf(value).all.slice(1);
    const inside = written.map(({ text }) => this.#sourceOfText(text, role));
    return inside.includes("untrusted") ? "untrusted" : this.#sourceOfText(value, role);
  }

  /** Whether the user said a word that begins with one of these. */
  saidAny(beginnings: readonly string[]): boolean {
    return this.#seen.task.hasWordFrom(beginnings);
  }

  /** Whether a text carries what a secret result said. What the user had said before is no secret. */
  carriesSecret(text: string): boolean {
    return this.#secrets.areIn(text);
  }

  #addResult({ label, fields, text }: LogEntry): void {
    const { integrity } = label;
    const of = fields ?? { integrity, labels: {} };
    const all: Field[] = [];
    visitFields(parseResult(text), of, (field) => all.push(field));
    for (const field of all) this.#addField(field);
    this.#records.add(all);
    if (label.confidentiality === "secret") this.#addSecrets(all);
  }

  #addSecrets(fields: readonly Field[]): void {
    for (const { value } of fields) {
      if (value === null || typeof value === "boolean") continue;
      this.#secrets.addText(String(value), (said) => this.#seen.task.hasValue(said));
    }
  }

  #addField(field: Field): void {
    const { value, integrity } = field;
    const seen = this.#seen[integrity];
    if (String(value).length <= provenanceLimits.fieldValueChars) seen.addValue(fieldValue(field));
    if (typeof value === "number") seen.addValue({ type: "number", value: String(value) });
    if (typeof value !== "string") return;
    seen.addText(value);
    // Whoever reads a stranger's text decodes what is encoded in it.
    if (integrity === "trusted") return;
    for (const { text } of viewsOf(value).all.slice(1)) seen.addText(text);
  }

  #sourceOfText(text: string, role: Role): Source {
    // Only to a reader are compatibility forms the same; a host or a file system tells them apart.
    if (exactRoles.includes(role) && text !== text.normalize("NFKC")) return "unknown";
    return this.#sourceByRole(text, role);
  }

  #sourceByRole(text: string, role: Role): Source {
    switch (role) {
      case "destination":
        return this.#sourceOfDestination(text);
      case "path":
        return better(
          this.#sourceOf({ type: "path", value: normalPath(text) }),
          this.#sourceOfWords(text),
        );
      case "amount":
        return better(this.#sourceOfAmount(text), this.#sourceOfWords(text));
      case "time":
        return better(this.#sourceOfTime(text), this.#sourceOfWords(text));
      case "identifier":
      case "selector":
      case "command":
      case "content":
        return better(this.#sourceOfAccount(text), this.#sourceOfWords(text));
    }
  }

  /** An address nobody named on a host that somebody did is made of a trusted part: derived. */
  #sourceOfDestination(text: string): Source {
    const url = parseUrl(text);
    if (url === undefined) {
      const address = this.#sourceOf({ type: "email", value: text.trim().toLowerCase() });
      if (text.includes("@")) return address;
      return better(address, better(this.#sourceOfAccount(text), this.#sourceOfWords(text)));
    }
    const exact = this.#sourceOf({ type: "url", value: url.href });
    if (exact === "task" || exact === "trusted") return exact;
    const host = this.#sourceOf({ type: "host", value: url.host });
    if (exact === "untrusted") return exact;
    return host === "task" || host === "trusted" ? "derived" : host;
  }

  #sourceOfAccount(text: string): Source {
    const value = normalAccount(text);
    return value === undefined ? "unknown" : this.#sourceOf({ type: "account", value });
  }

  #sourceOfAmount(text: string): Source {
    const value = normalNumber(text);
    return value === "NaN" ? this.#sourceOfWords(text) : this.#sourceOf({ type: "number", value });
  }

  /** A day in one of its forms; the hour of it may be anybody's. */
  #sourceOfTime(text: string): Source {
    const days = datesIn(text).map((value) => this.#sourceOf({ type: "date", value }));
    return days.reduce(better, "unknown");
  }

  /** Somebody said it word for word. */
  #sourceOfWords(text: string): Source {
    const words = wordsOf(text);
    const source = this.#best((seen) => seen.hasWords(words));
    return words.join(" ").length < provenanceLimits.telltaleChars
      ? weaker(source, "unknown")
      : source;
  }

  /** Short values collide by chance: they can come from a stranger, never from the user. */
  #sourceOf(value: TypedValue): Source {
    const source = this.#best((seen) => {
      if (seen.hasValue(value)) return "yes";
      return seen.isFull ? "unclear" : "no";
    });
    const isShort = value.value.length < provenanceLimits.telltaleChars;
    return isShort ? weaker(source, "unknown") : source;
  }

  /**
   * A short one says something where it stands in a field of the same name; and who names what tells
   * its record from the others has chosen it.
   */
  #sourceOfField(field: Pick<Field, "name" | "value">): Source {
    const source = this.#best((seen) => (seen.hasValue(fieldValue(field)) ? "yes" : "no"));
    const isChosen = this.#seen.task.hasAnyWord(this.#records.wordsFor(field));
    return isChosen ? "task" : source;
  }

  /** Where nobody can tell, a stranger may have said it; nobody else has. */
  #best(look: (seen: Sightings) => "yes" | "no" | "unclear"): Source {
    if (look(this.#seen.task) === "yes") return "task";
    if (look(this.#seen.trusted) === "yes") return "trusted";
    return look(this.#seen.untrusted) === "no" ? "unknown" : "untrusted";
  }
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
