import { closeSync } from "node:fs";

/**
 * Closes what the gateway itself was started with and nobody closes on the way here. The numbers
 * come from the gateway; they were taken before this process opened anything of its own.
 */
export function closeInherited(numbers: string | undefined): void {
  for (const number of numbers?.match(/\d+/g) ?? []) closeSync(Number(number));
  // What bubblewrap always sets, and what the C library has read by now.
  for (const name of ["PWD", "MALLOC_ARENA_MAX"]) {
    // biome-ignore lint/style/noProcessEnv: so that there is none.
    delete process.env[name];
  }
}
