import type { Use } from "./urls.ts";

/**
 * Whether a URL carries what nobody who follows it meant to send, or has a place left for it. Of
 * what a viewer loads by itself each word counts that is not about looks; of a link only what is
 * plainly a place to fill in, or text that is encoded.
 */
export function carriesData(url: string, use: Use): boolean {
  const parts = partsOf(url);
  if (parts === undefined) return false;
  if (hasSlot(url, use) || parts.words.some((word) => isEncodedText(word))) return true;
  if (parts.labels.some((label) => label.length > 40)) return true;
  if (parts.values.some(([, value]) => isPlaceholder(value))) return true;
  return use === "loaded" && tellsMore(parts);
}

/** Whether a viewer would ask another machine for it. */
export function isRemote(url: string): boolean {
  return partsOf(url) !== undefined;
}

interface Parts {
  readonly labels: readonly string[];
  readonly segments: readonly string[];
  readonly values: readonly (readonly [name: string, value: string])[];
  /** All of them, and the fragment's. */
  readonly words: readonly string[];
  readonly isLocal: boolean;
  readonly hasUser: boolean;
}

const remote =
  /^[\p{Cc} ]*(?:(https?|ftp|wss?|file):)?[\\/]{2}([^\\/?#]*)([^?#]*)\??([^#]*)#?(.*)$/isu;

function partsOf(url: string): Parts | undefined {
  const written = /^mailto:/i.test(url) ? url.replace(/^mailto:/i, "//mail/") : url;
  const match = remote.exec(written.replace(/^www\./i, "//www."));
  if (!match) return undefined;
  const [, scheme = "", authority = "", path = "", query = "", fragment = ""] = match;
  const labels = authority.split(/[.:@]/);
  const segments = path.split(/[\\/]/).map(decoded);
  const values = query.split(/[&;]/).map((pair): readonly [string, string] => {
    const at = pair.indexOf("=");
    return at === -1
      ? [pair.toLowerCase(), decoded(pair)]
      : [pair.slice(0, at).toLowerCase(), decoded(pair.slice(at + 1))];
  });
  const words = [...labels, ...segments, ...values.map(([, value]) => value)].concat(
    fragment.split(/[/=&:]/).map(decoded),
  );
  return {
    ...{ labels, segments, values, words },
    isLocal: scheme.toLowerCase() === "file",
    hasUser: authority.includes("@"),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part.replaceAll("+", " "));
  } catch {
    return part;
  }
}

/** Brackets around words, as templates and people mark what is to be filled in. */
const slot = /(?:\{\{?|\$\{|<|\[|%7b|%3c|%5b|\$|%\()\s{0,8}([^{}<>[\]]{1,80})/gi;
const askedFor =
  /conversation|histor|\bchat|messages?\b|prompt|\bcontext|summar|memor|transcript|user.?(?:data|info)|system|instruction|everything|insert|base.?64|encod|secrets?\b|\bstolen|exfil|redacted:/i;

/** A template's `{id}` in a link is ordinary; in what loads by itself nothing is left to fill in. */
function hasSlot(url: string, use: Use): boolean {
  if (use === "loaded" && /[{}<>[\]]|%7[bd]|%3[ce]|%5[bd]|=$/i.test(url)) return true;
  return [...url.matchAll(slot)].some(([, words = ""]) => askedFor.test(words));
}

const placeholder =
  /^(?:(?:YOUR|THE|ALL|USER)_)*(?:SECRETS?|DATA|PASSWORDS?|CONVERSATION|HISTORY|CHAT|PROMPT|CONTEXT|MESSAGES?|SUMMARY|MEMORY|STOLEN)(?:_[A-Z_]+)?$/;

function isPlaceholder(value: string): boolean {
  return placeholder.test(value);
}

/** Readable text where no reader reads: base64, hexadecimal or base32 of it. */
function isEncodedText(word: string): boolean {
  const [run = ""] = /[A-Za-z0-9+/_-]{16,}/.exec(word) ?? [];
  if (run === "") return false;
  return isText(Buffer.from(run, "base64")) || isText(Buffer.from(run, "hex"));
}

const leastBytes = 12;

function isText(bytes: Buffer): boolean {
  return (
    bytes.length >= leastBytes &&
    /^[\t\n\r -~]*$/.test(bytes.toString("latin1")) &&
    /[a-z]{2}/i.test(bytes.toString("latin1"))
  );
}

/** Names of what a picture looks like; their values are few words. */
const aboutLooks =
  /^(?:style|logo|namedlogo|logocolor|color|labelcolor|left_color|right_color|label|left_text|right_text|branch|tag|ref|version|theme|type|format|fm|fit|crop|auto|event|job|job_name|workflow|status|badge|flag|metric|package|project|repos?|sort|include_prereleases|period|units?)$/;

function tellsMore({ values, segments, isLocal, hasUser }: Parts): boolean {
  if (isLocal || hasUser) return true;
  return (
    values.some(saysSomething) ||
    segments.some((segment) => isSentence(segment) || isOpaque(segment))
  );
}

function saysSomething([name, value]: readonly [string, string]): boolean {
  if (plainValue.test(value)) return false;
  return !(aboutLooks.test(name) && /^[a-z0-9 .,:#/_-]{1,40}$/i.test(value) && !isSentence(value));
}

/** Numbers, versions, colours, and what is too short to say much. */
const plainValue =
  /^(?:[\w.-]{0,4}|\d{1,12}(?:px|%)?|true|false|[0-9a-f]{6,8}|v?\d+(?:\.\d+){1,3})$/i;

function isSentence(value: string): boolean {
  return value.split(/\s+/).length > 6;
}

/** Long, of all kinds of letters, and no digest. */
function isOpaque(segment: string): boolean {
  return (
    /^[A-Za-z0-9_-]{40,}$/.test(segment) &&
    !/^[0-9a-f-]+$/i.test(segment) &&
    /\d/.test(segment) &&
    /[A-Z]/.test(segment) &&
    /[a-z]/.test(segment)
  );
}
