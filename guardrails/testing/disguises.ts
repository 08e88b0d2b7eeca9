import { encoders } from "./encoders.ts";

/** Ways to disguise a text: each layer, each kind of what is invisible, and what people do with letters. */
export const disguises: Readonly<Record<string, (text: string) => string>> = {
  ...encoders,
  "base64 twice": (text) => encoders.base64(encoders.base64(text)),
  "percent signs of base64": (text) => encoders.percent(encoders.base64(text)),
  "ROT13 in base64": (text) => encoders.base64(encoders.rot13(text)),
  "a data URI": (text) => `data:text/plain,${encodeURIComponent(text)}`,
  "a string of JSON": (text) => JSON.stringify(JSON.stringify(text)),
  "full width": (text) => shifted(text, "!~", 0xff01 - 0x21),
  "mathematical letters": (text) =>
    shifted(shifted(text, "az", 0x1d41a - 0x61), "AZ", 0x1d400 - 0x41),
  "letters in squares": (text) => shifted(text.toUpperCase(), "AZ", 0x1f170 - 0x41),
  "small capitals": (text) => replaced(text, smallCapitals),
  "Greek letters": (text) => replaced(text, greek),
  "struck through": (text) => text.replace(/[a-z]/gi, "$&\u0336"),
  "dots in words": (text) => text.replace(/(?<=[a-z])(?=[a-z])/gi, "."),
  "a letter a line": (text) => [...text].join("\n"),
  "words reversed": (text) => text.replace(/\p{L}+/gu, (word) => encoders.reversed(word)),
  "more leetspeak": (text) => replaced(text, moreLeetspeak),
  "zero-width": (text) => [...text].join("\u200b"),
  bidi: (text) => `\u202d${[...text].join("\u2066")}\u202c`,
  tags: (text) => shifted(text, " ~", 0xe0000),
  control: (text) => [...text].join("\u0001"),
};

const smallCapitals = tableOf(
  "aᴀ bʙ cᴄ dᴅ eᴇ fꜰ gɢ hʜ iɪ jᴊ kᴋ lʟ mᴍ nɴ oᴏ pᴘ rʀ sꜱ tᴛ uᴜ vᴠ wᴡ yʏ zᴢ",
);
const greek = tableOf("aα iι kκ oο pρ tτ uυ vν AΑ BΒ EΕ HΗ IΙ KΚ MΜ NΝ OΟ PΡ TΤ XΧ ZΖ");
const moreLeetspeak = tableOf("a@ e3 i1 l1 o0 s$ t7 b8 A4 E3 I1 L1 O0 S5 T7 B8");

/** Pairs of a letter and what stands for it. */
function tableOf(pairs: string): ReadonlyMap<string, string> {
  return new Map(pairs.split(" ").map((pair) => [pair.charAt(0), pair.slice(1)]));
}

function replaced(text: string, table: ReadonlyMap<string, string>): string {
  return [...text].map((letter) => table.get(letter) ?? letter).join("");
}

/** Characters from the first to the last of `range`, moved. */
function shifted(text: string, range: string, by: number): string {
  const [first = "", last = ""] = range;
  const move = (one: string): string => String.fromCodePoint((one.codePointAt(0) ?? 0) + by);
  return [...text].map((one) => (one >= first && one <= last ? move(one) : one)).join("");
}
