import type { Field } from "../../../manifests/field-labels.ts";
import { provenanceLimits } from "../../../manifests/provenance-limits.ts";
import { fieldValue, wordsOf } from "./typed-values.ts";

/**
 * Which words tell one record of a result from the others: of a payment, what it is for. Whoever says
 * one of them has chosen the record, though its id was never said. Only trusted fields say anything.
 */
export class Records {
  readonly #words = new Map<string, ReadonlySet<string>>();

  /** @param fields those of one result. */
  add(fields: readonly Field[]): void {
    const trusted = fields.filter(({ integrity, name }) => integrity === "trusted" && name !== "");
    const records = [...Map.groupBy(trusted, ({ record }) => record).values()];
    const worded = records.map((record) => ({ record, words: wordsOfRecord(record) }));
    const counts = countsOf(worded.map(({ words }) => words));
    // What half of them say tells none apart; where there is one, all it says is about it.
    const most = Math.max(1, Math.floor(records.length / 2));
    for (const { record, words } of worded) {
      const telling = new Set([...words].filter((word) => (counts.get(word) ?? 0) <= most));
      for (const field of record) this.#put(field, telling);
    }
  }

  /** The words of the record that holds a field with this value; none where there is none. */
  wordsFor(field: Pick<Field, "name" | "value">): ReadonlySet<string> {
    return this.#words.get(fieldValue(field).value) ?? new Set();
  }

  #put(field: Field, words: ReadonlySet<string>): void {
    const isShort = String(field.value).length <= provenanceLimits.fieldValueChars;
    const hasRoom = this.#words.size < provenanceLimits.records;
    if (isShort && hasRoom) this.#words.set(fieldValue(field).value, words);
  }
}

function wordsOfRecord(record: readonly Field[]): ReadonlySet<string> {
  const texts = record.flatMap(({ value }) => (typeof value === "string" ? [value] : []));
  const words = texts.flatMap((text) => wordsOf(text).slice(0, provenanceLimits.recordWords));
  return new Set(words.filter((word) => word.length >= provenanceLimits.telltaleChars));
}

function countsOf(sets: readonly ReadonlySet<string>[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of sets.flatMap((set) => [...set])) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
