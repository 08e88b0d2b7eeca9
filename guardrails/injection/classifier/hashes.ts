/** Of no characters at all. */
export const emptyHash = 0x81_1c_9d_c5;

/** FNV-1a: the hash of what was read, and of one unit more. */
export function nextHash(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01_00_01_93);
}

export function hashOf(word: string): number {
  let hash: number = emptyHash;
  for (let at = 0; at < word.length; at += 1) hash = nextHash(hash, word.charCodeAt(at));
  return hash | 0;
}

/** Spreads features evenly; not signed. */
export function mixed(sort: number, first: number, rest: number): number {
  let hash = Math.imul(sort + 0x9e_37, 0x85_eb_ca_6b);
  hash = Math.imul(hash ^ (hash >>> 13) ^ first, 0xc2_b2_ae_35);
  hash = Math.imul(hash ^ (hash >>> 16) ^ rest, 0x27_d4_eb_2f);
  return (hash ^ (hash >>> 15)) >>> 0;
}
