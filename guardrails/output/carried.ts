import type { Edit } from "./edit.ts";
import { contradicts, natureOf } from "./media-type.ts";

/** Bytes that a text carries, and what somebody says that they are. */
interface Carried {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
  readonly mediaType?: string;
}

export type CarriedKind = "active:executable" | "active:archive" | "active:type-mismatch";

export interface CarriedFinding extends Pick<Edit, "start" | "end"> {
  readonly kind: CarriedKind;
}

/** Programs, archives, and what is not what it says it is, in base64 or in `data:` addresses. */
export function carriedIn(text: string): readonly CarriedFinding[] {
  return [...carriedBy(text)].flatMap(({ start, end, bytes, mediaType }) =>
    kindsOf(bytes, mediaType).map((kind) => ({ kind, start, end })),
  );
}

function kindsOf(bytes: Buffer, mediaType: string | undefined): readonly CarriedKind[] {
  const { nature } = natureOf(bytes);
  const kinds: CarriedKind[] = [];
  if (nature === "executable") kinds.push("active:executable");
  if (nature === "archive") kinds.push("active:archive");
  if (mediaType !== undefined && contradicts(mediaType, bytes)) kinds.push("active:type-mismatch");
  return kinds;
}

const dataAddress =
  /\bdata:([a-z0-9.+/-]{0,100})(?:;[^,;\s]{1,60}){0,4}?;base64,([a-z0-9+/_-]{16,}=*)/gi;

function* carriedBy(text: string): Generator<Carried> {
  const whole = text.length < leastChars ? undefined : bytesOfBase64(text);
  if (whole) yield { start: 0, end: text.length, bytes: whole };
  if (!text.includes(";base64,")) return;
  for (const { 0: source, 1: mediaType = "", 2: payload = "", index } of text.matchAll(
    dataAddress,
  )) {
    const bytes = Buffer.from(payload, "base64");
    yield { start: index, end: index + source.length, bytes, mediaType };
  }
}

/** Shorter ones are words. */
const leastChars = 24;

/** The bytes of a text that is nothing but base64, in lines or not. */
export function bytesOfBase64(text: string): Buffer | undefined {
  const trimmed = text.trimEnd();
  return /^[a-z0-9+/_\s-]*={0,2}$/i.test(trimmed) ? Buffer.from(trimmed, "base64") : undefined;
}
