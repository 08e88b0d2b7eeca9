import validator from "validator";

/** Letters and digits of the shortest and the longest there is. */
const [least, most] = [15, 34];

/** How much of what may go on with words after it is a number of an account: its check digits say so. */
export function ibanChars(text: string): number {
  for (let end = Math.min(text.length, most + most); end >= least; end -= 1) {
    const plain = text.slice(0, end).replace(/[ -]/g, "");
    if (plain.length <= most && isEnd(text, end) && validator.isIBAN(plain)) return end;
  }
  return 0;
}

function isEnd(text: string, end: number): boolean {
  return /[A-Za-z0-9]/.test(text[end - 1] ?? "") && !/[A-Za-z0-9]/.test(text[end] ?? "");
}
