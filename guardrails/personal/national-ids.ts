import validator from "validator";

/** Countries whose identity numbers hold a check that chance seldom passes. */
const cards: readonly validator.IdentityCardLocale[] = [
  ...(["ES", "FI", "IN", "NO", "PL", "TH"] as const),
  ...(["he-IL", "zh-CN", "zh-HK", "zh-TW"] as const),
];

/** The same of tax numbers; in most countries they are the numbers of people. */
const taxes: readonly string[] = [
  ...(["bg-BG", "cs-CZ", "de-AT", "de-DE", "dk-DK", "el-GR", "en-CA", "en-IE", "es-ES"] as const),
  ...(["et-EE", "fi-FI", "fr-BE", "fr-FR", "hr-HR", "hu-HU", "it-IT", "lv-LV", "nl-NL"] as const),
  ...(["pl-PL", "pt-BR", "pt-PT", "ro-RO", "sk-SK", "sl-SI", "sv-SE"] as const),
];

/** A number of people's of any country that is known here. */
export function isAnyNationalId(text: string): boolean {
  if (isSample(text)) return false;
  return (
    isSocialSecurity(text) ||
    isInsuranceNumber(text) ||
    isFrenchInsurance(text) ||
    ofCard(cards)(text) ||
    ofTax(taxes)(text)
  );
}

export function ofCard(
  locales: readonly validator.IdentityCardLocale[],
): (text: string) => boolean {
  return (text) => {
    const plain = text.replace(/[ ./-]/g, "").toUpperCase();
    return locales.some((locale) => validator.isIdentityCard(plain, locale));
  };
}

export function ofTax(locales: readonly string[]): (text: string) => boolean {
  return (text) => {
    const forms = [text, text.replace(/[ ./-]/g, "")].map((form) => form.toUpperCase());
    return locales.some((locale) => forms.some((form) => validator.isTaxID(form, locale)));
  };
}

/** Of the United States: no check digit, but parts that were never given out. */
export function isSocialSecurity(text: string): boolean {
  return !isSample(text) && /^(?!000|666|9)\d{3}([ -]?)(?!00)\d\d\1(?!0000)\d{4}$/.test(text);
}

/** The number on the card in every wallet sold in 1938, and those of one digit. */
function isSample(text: string): boolean {
  const digits = text.replace(/\D/g, "");
  return digits === "078051120" || /^(\d)\1+$/.test(digits);
}

/** Of the United Kingdom: no check digit, but letters that were never given out. */
export function isInsuranceNumber(text: string): boolean {
  const plain = text.replaceAll(" ", "").toUpperCase();
  return /^(?!BG|GB|KN|NK|NT|TN|ZZ)[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z]\d{6}[A-D]$/.test(plain);
}

/** Of France: sex, year, month, place and order, and what is left of them by 97. */
export function isFrenchInsurance(text: string): boolean {
  const plain = text.replaceAll(" ", "");
  if (!/^[12]\d\d(?:0[1-9]|1[0-2])(?:\d\d|2[AB])\d{8}$/.test(plain)) return false;
  const corsican = plain.replace("2A", "19").replace("2B", "18");
  return 97 - (Number(corsican.slice(0, 13)) % 97) === Number(corsican.slice(13));
}
