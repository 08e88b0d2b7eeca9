import { type CountryCode, parsePhoneNumberFromString } from "libphonenumber-js/min";

/** A number as it is dialled from anywhere, or from one of the countries that are tried. */
export function isPhone(text: string): boolean {
  if (/^\+|^00/.test(text)) return isOf(text.replace(/^00/, "+"), undefined);
  return countries.some((country) => isOf(text, country));
}

/** Where people live who write in the languages that the guards read; each is tried in turn. */
const countries: readonly CountryCode[] = ["US", "GB", "DE", "FR", "ES", "CN", "MX", "IN"];

function isOf(text: string, country: CountryCode | undefined): boolean {
  const number = parsePhoneNumberFromString(text, country);
  return number?.isValid() ?? false;
}
