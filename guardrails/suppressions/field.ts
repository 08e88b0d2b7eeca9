/** Whether a path, as a finding names it, leads to the field. */
export type Field = (path: string) => boolean;

/**
 * A field by a JSON pointer in which `*` stands for one name or number; undefined for what is none.
 * It names values alone: what was found in the name of a member (`~k0`), or beneath such a member
 * (`~i0`), is of no field.
 */
export function fieldOf(pointer: string): Field | undefined {
  if (pointer !== "" && !pointer.startsWith("/")) return undefined;
  const wanted = pointer.split("/").slice(1);
  if (wanted.some((token) => strange.test(token))) return undefined;
  return (path) => {
    const tokens = path.split("/").slice(1);
    if (tokens.length !== wanted.length) return false;
    return tokens.every((token, index) => !strange.test(token) && fits(token, wanted[index]));
  };
}

/** In a pointer `~` is followed by 0 or 1. */
const strange = /~(?![01])/;

function fits(token: string, wanted: string | undefined): boolean {
  return wanted === "*" || wanted === token;
}
