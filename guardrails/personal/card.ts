import validator from "validator";

/** Of the length that nearly all cards of its issuer have. */
export function isUsualCard(text: string): boolean {
  const digits = text.replace(/\D/g, "");
  return isUsual.test(digits) && isIssued(digits);
}

/** Of any length that cards have. */
export function isCard(text: string): boolean {
  return isIssued(text.replace(/\D/g, ""));
}

const isUsual = /^(?:3[47]\d{13}|3[0689]\d{12}|(?!3[0-46-9]|50|5[6-9]|6[37])\d{16})$/;

/** First digits of Visa, Mastercard, American Express, Discover, Diners Club, JCB, UnionPay, Mir, Maestro. */
const issuers = new RegExp(
  `^(?:${[
    String.raw`4\d{12}(?:\d{3}){0,2}`,
    String.raw`(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}`,
    String.raw`3[47]\d{13}`,
    String.raw`(?:6011|64[4-9]\d|65\d\d|62\d\d|81\d\d)\d{12,15}`,
    String.raw`(?:30[0-5]|3[689]\d)\d{11}`,
    String.raw`35(?:2[89]|[3-8]\d)\d{12,15}`,
    String.raw`220[0-4]\d{12,15}`,
    String.raw`(?:50[0-9]{2}|5[6-8]\d\d|6[37]\d\d)\d{8,15}`,
  ].join("|")})$`,
);

function isIssued(digits: string): boolean {
  return issuers.test(digits) && validator.isLuhnNumber(digits);
}
