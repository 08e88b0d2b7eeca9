import { isCard, isUsualCard } from "./card.ts";
import { ibanChars } from "./iban.ts";
import {
  isAnyNationalId,
  isFrenchInsurance,
  isInsuranceNumber,
  isSocialSecurity,
  ofCard,
  ofTax,
} from "./national-ids.ts";
import { isPhone } from "./phone.ts";

/** One form that numbers of one kind have. */
export interface NumberRule {
  readonly kind: string;
  /** Global; linear on any text. */
  readonly pattern: RegExp;
  /** Where the form says too little: what has to stand near it. */
  readonly words?: RegExp;
  /** How many characters of what matched are a real one, from its beginning; 0 for none. */
  lengthOf(match: string): number;
  /** From 0 to 1: how sure it is. */
  readonly score: number;
}

/** What is part of a longer number, a decimal, a date or a UUID is none of these. */
const before = String.raw`(?<![\w+])(?<!\d[-.,:/])`;
const after = String.raw`(?!\w)(?![-.,:/]\d)`;

const idWords =
  /\b(?:ssn|itin|nino|dni|nif|nir|nss|insee|cpf|pesel|bsn|cpr|idnr|aadhaar|tc ?kimlik|hetu|oib|cnp|egn|personnummer|fødselsnummer|rodné|codice fiscale|national (?:id|identity|identification|insurance)|social (?:security|insurance)|tax(?:payer)? ?(?:id|identification|number|no)|identity (?:card|number|no)|id (?:card|number)|citizen (?:id|number)|steuer-?(?:id|identifikations|nummer)|sozialversicherung|ausweis|sécurité sociale|securite sociale|numéro fiscal|numero fiscal|carte d.identité|seguridad social|documento nacional)|\b(?-i:NIE|TIN)\b|身份证|身份證/i;

const phoneWords =
  /\b(?:tel|telephone|phone|mobile|cell|cellphone|fax|sms|whatsapp|telefon|telefonnummer|mobil|mobilnummer|handynummer|rufnummer|téléphone|telephone|teléfono|telefono|móvil|movil|celular)\b|phone|电话|電話|手机|手機/i;

const cardWords = /\b(?:card|visa|mastercard|amex|pan|kreditkarte|carte|tarjeta)\b|卡/i;

/** The surest first. */
export const numberRules: readonly NumberRule[] = [
  {
    kind: "personal:iban",
    pattern: rule("[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]){11,40}", "(?<![A-Za-z0-9])", ""),
    lengthOf: ibanChars,
    score: 0.95,
  },
  {
    kind: "personal:card",
    pattern: rule(String.raw`\d{4}([ .-]?)\d{4}\1\d{4}\1\d{2,4}|\d{4}([ .-])\d{6}\2\d{4,5}`),
    lengthOf: whole(isUsualCard),
    score: 0.9,
  },
  {
    kind: "personal:card",
    pattern: rule(String.raw`\d(?:[ .-]?\d){11,18}`),
    words: cardWords,
    lengthOf: whole(isCard),
    score: 0.9,
  },
  nationalId(String.raw`[12]( ?)\d\d\1\d\d\1(?:\d\d|2[AB])\1\d{3}\1\d{3} ?\d\d`, isFrenchInsurance),
  nationalId(String.raw`\d{17}[\dXx]`, ofCard(["zh-CN"])),
  nationalId("[A-Za-z]{6}[0-9]{2}[A-Za-z][0-9]{2}[A-Za-z][0-9]{3}[A-Za-z]", ofTax(["it-IT"])),
  nationalId(String.raw`\d{3}\.\d{3}\.\d{3}-\d\d`, ofTax(["pt-BR"])),
  nationalId(String.raw`\d{6}[+A-]\d{3}[0-9A-Y]`, ofTax(["fi-FI"])),
  nationalId("[A-Z]{2} [0-9]{2} [0-9]{2} [0-9]{2} [A-D]", isInsuranceNumber),
  nationalId(String.raw`\d{3}-\d\d-\d{4}`, isSocialSecurity),
  {
    kind: "personal:phone",
    pattern: rule(String.raw`\+\d[\d ().\/-]{5,22}\d`, String.raw`(?<![\w+])`, String.raw`(?!\w)`),
    lengthOf: whole(isPhone),
    score: 0.9,
  },
  {
    kind: "personal:national-id",
    pattern: rule("[A-Za-z]{0,2}[0-9](?:[ ./-]?[0-9]){4,17}(?:[ -]?[A-Za-z])?"),
    words: idWords,
    lengthOf: whole(isAnyNationalId),
    score: 0.9,
  },
  {
    kind: "personal:phone",
    pattern: rule(String.raw`\(?\d[\d ().\/-]{5,18}\d`),
    words: phoneWords,
    lengthOf: whole(isPhone),
    score: 0.7,
  },
];

function rule(source: string, from = before, to = after): RegExp {
  return new RegExp(`${from}(?:${source})${to}`, "g");
}

function nationalId(source: string, isReal: (text: string) => boolean): NumberRule {
  const lengthOf = whole(isReal);
  return { kind: "personal:national-id", pattern: rule(source), lengthOf, score: 0.85 };
}

/** All of what matched, or nothing. */
function whole(isReal: (text: string) => boolean): NumberRule["lengthOf"] {
  return (match) => (isReal(match) ? match.length : 0);
}
