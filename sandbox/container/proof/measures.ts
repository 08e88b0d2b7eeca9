/** By the kernel; 127 is the shell's word for a program that is not there. */
export function isRefused(value: string): boolean {
  return /^(?!0 |127 )\d+ /.test(value);
}

export function is(wanted: string | number): (value: string) => boolean {
  return (value) => value === String(wanted);
}

export function upTo(most: number): (value: string) => boolean {
  return (value) => /^\d+$/.test(value) && Number(value) > 0 && Number(value) <= most;
}

/** Each word, of which there are at least so many. */
export function every(pattern: RegExp, least: number): (value: string) => boolean {
  return (value) => {
    const words = value.split(" ");
    return words.length >= least && words.every((word) => pattern.test(word));
  };
}
