const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const name = `(?<month>${months.join("|")})[a-z]{0,6}\\.?`;
const dayOfMonth = "(?<day>\\d{1,2})(?:st|nd|rd|th|\\.)?";

/** Each linear: their parts cannot match the same characters. */
const forms: readonly RegExp[] = [
  /\b(?<year>\d{4})[-/.](?<number>\d{1,2})[-/.](?<day>\d{1,2})(?!\d)/g,
  /\b(?<day>\d{1,2})[-/.](?<number>\d{1,2})[-/.](?<year>\d{4})\b/g,
  /\b(?<number>\d{1,2})\/(?<day>\d{1,2})\/(?<year>\d{4})\b/g,
  new RegExp(`\\b${name} ${dayOfMonth}(?:,? (?<year>\\d{4}))?\\b`, "gi"),
  new RegExp(`\\b${dayOfMonth} (?:of )?${name}(?:,? (?<year>\\d{4}))?\\b`, "gi"),
];

/**
 * The days that a text names, as `2025-01-11` and, as people say them, `01-11`. What can be read in
 * two ways is both. Names of months are English.
 */
export function datesIn(text: string): readonly string[] {
  if (!/\d/.test(text)) return [];
  const found = forms.flatMap((form) => [...text.matchAll(form)].flatMap(dateOf));
  return [...new Set(found)];
}

function dateOf({ groups = {} }: RegExpMatchArray): readonly string[] {
  const { year, month, number, day } = groups;
  const monthNumber = month ? months.indexOf(month.toLowerCase()) + 1 : Number(number);
  if (monthNumber < 1 || monthNumber > 12 || Number(day) < 1 || Number(day) > 31) return [];
  const short = `${String(monthNumber).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
  return year === undefined ? [short] : [`${year}-${short}`, short];
}
