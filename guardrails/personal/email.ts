import validator from "validator";
import type { Range } from "../views/view.ts";

/** Addresses of e-mail, in order: whatever stands around each `@` and is one. */
export function* emailsIn(text: string): Generator<Range> {
  let from = 0;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const range = around(text, at, from);
    if (range === undefined) continue;
    from = range.end;
    yield range;
  }
}

/** Longest before and behind the `@`, as mail has it. */
const [localChars, domainChars] = [64, 253];

const localEnd = /[\p{L}\p{N}_+-][\p{L}\p{N}.!#$%&*+=?^_{|}~-]{0,63}$/u;
const domainStart = /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}\p{L}{2,24}/u;

function around(text: string, at: number, from: number): Range | undefined {
  const domain = domainStart.exec(text.slice(at + 1, at + 1 + domainChars))?.[0];
  if (domain === undefined || fileNames.test(domain)) return undefined;
  const local = localEnd.exec(text.slice(Math.max(from, at - localChars), at))?.[0];
  if (local === undefined || isAccess(text, at - local.length, at + 1 + domain.length)) {
    return undefined;
  }
  const address = `${local}@${domain}`;
  if (!validator.isEmail(address, { allow_utf8_local_part: true })) return undefined;
  return { start: at - local.length, end: at + 1 + domain.length };
}

/** `icon@2x.png` and `ui@next.js` end as files do, and no address does. */
const fileNames =
  /\.(?:png|jpe?g|gif|svg|webp|avif|ico|js|mjs|cjs|ts|tsx|jsx|json|ya?ml|toml|html?|css|scss|tgz|gz|log|txt|lock|service|socket|timer)$/i;

/** `ssh://git@host/` and `git@host:path` say who logs in, which is no person's address. */
function isAccess(text: string, start: number, end: number): boolean {
  const isLogin = text.slice(start, start + 4) === "git@";
  return (
    isLogin ||
    /:\/\/(?:[^\s/:@]{0,64}:)?$/.test(text.slice(Math.max(0, start - 80), start)) ||
    text[end] === "@"
  );
}
