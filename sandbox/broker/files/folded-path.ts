/**
 * One form for all spellings of a path that some file system takes for the same: letter case,
 * composed and compatible characters, invisible ones, dots and spaces at the end of a name. Two
 * files that are different after all share a form, which may only ever make the broker stricter.
 */
export function foldedPath(path: string): string {
  return path.split("/").map(foldedName).join("/");
}

export function foldedName(name: string): string {
  const plain = name.normalize("NFKC").replace(/\p{Default_Ignorable_Code_Point}/gu, "");
  const folded = plain.toUpperCase().toLowerCase().normalize("NFKC");
  return folded.replace(/[. ]{1,255}$/, "") || folded;
}
